/**
 * A function that fails now and then, and is tried again by itself; and one that always fails, whose error arrives with
 * the number of attempts. `bellows run examples/retries/retries.ts`
 */
import { App, currentInputId, RemoteError } from "@bellows/sdk";

export const app = new App("retries");

/** Attempts so far, by input. One container, so that it sees all of them. */
const attempts = new Map<string, number>();
const retries = { maxRetries: 3, initialDelay: "100ms", backoffCoefficient: 2 } as const;

/** Fails on the first two attempts at every input. */
export const flaky = app.function({ maxContainers: 1, scaledownWindow: "5s", retries }, async (item: string) => {
  const input = currentInputId() ?? item;
  const attempt = (attempts.get(input) ?? 0) + 1;
  attempts.set(input, attempt);
  if (attempt <= 2) throw new Error(`the service is busy (attempt ${attempt} at ${item})`);
  return `${item} after ${attempt} attempts`;
});

/** Fails always. */
export const hopeless = app.function({ maxContainers: 1, scaledownWindow: "5s", retries: 1 }, async (item: string) => {
  throw new Error(`there is no ${item}`);
});

app.entrypoint(async () => {
  const items = ["apples", "pears", "plums"];
  const results = await flaky.map(items).toArray();
  for (const result of results) console.log(result);
  const expected = items.map((item) => `${item} after 3 attempts`);
  if (results.join() !== expected.join()) throw new Error(`expected ${expected.join("; ")}`);

  const error: unknown = await hopeless.remote("unicorn").catch((thrown: unknown) => thrown);
  if (!(error instanceof RemoteError)) throw new Error("expected a RemoteError");
  console.log(`${error.name}: ${error.message}, after ${error.attempts} attempts`);
  if (error.message !== "there is no unicorn" || error.attempts !== 2)
    throw new Error("expected 2 attempts", { cause: error });
});
