/** What the tests look at through the CLI, parsed: a command that failed, or printed something else, fails the test. */
import { createApiClient } from "@bellows/sdk/api-client";
import { expect } from "vitest";
import { z } from "zod";
import type { Stack } from "./stack.ts";

const containersSchema = z.array(z.object({ id: z.string(), state: z.string() }));
const callsSchema = z.array(z.object({ id: z.string() }));
const callSchema = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  inputCount: z.number().nullable(),
  counts: z.object({ succeeded: z.number(), failed: z.number(), cancelled: z.number() }),
  inputs: z.array(z.object({ index: z.number(), state: z.string() })),
});

async function printed(stack: Stack, args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await stack.bellows([...args, "--json"]);
  if (code !== 0) throw new Error(`bellows ${args.join(" ")} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Those that are not gone. */
export async function containers(stack: Stack): Promise<{ id: string; state: string }[]> {
  return containersSchema.parse(await printed(stack, ["container", "list"]));
}

export async function readyContainerIds(stack: Stack): Promise<string[]> {
  return (await containers(stack)).filter(({ state }) => state === "ready").map(({ id }) => id);
}

export async function newestCallId(stack: Stack): Promise<string> {
  const [call] = callsSchema.parse(await printed(stack, ["call", "list", "--limit", "1"]));
  if (!call) throw new Error("there is no call");
  return call.id;
}

/** One call with up to 1,000 of its inputs. */
export async function call(stack: Stack, id: string): Promise<z.infer<typeof callSchema>> {
  return callSchema.parse(await printed(stack, ["call", "show", id, "--limit", "1000"]));
}

/** The call is finished and each of its inputs has ended exactly once, with a result. */
export async function expectEveryInputOnce(stack: Stack, id: string, inputCount: number): Promise<void> {
  const { inputs, ...found } = await call(stack, id);
  expect(found).toMatchObject({
    state: "succeeded",
    inputCount,
    counts: { succeeded: inputCount, failed: 0, cancelled: 0 },
  });
  const byIndex = inputs.toSorted((a, b) => a.index - b.index);
  expect(byIndex).toEqual(Array.from({ length: inputCount }, (_, index) => ({ index, state: "succeeded" })));
}

/** The indexes of the inputs of a call of which an attempt was lost with its container. */
export async function lostInputs({ url, token }: Stack, callId: string, inputCount: number): Promise<number[]> {
  const api = createApiClient({ url, token });
  const lost: number[] = [];
  for (let index = 0; index < inputCount; index += 1) {
    const { failedAttempts } = await api.request((client) => client.calls.input.query({ callId, index }));
    if (failedAttempts.some(({ outcome }) => outcome === "lost")) lost.push(index);
  }
  return lost;
}
