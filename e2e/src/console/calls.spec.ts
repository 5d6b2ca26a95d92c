/** Calls as a person follows them: from the list to the call, its inputs, their values, errors and logs, live. */
import type * as faults from "../../fixtures/faults.ts";
import { expect, test, withBellows } from "./test.ts";

test("a call's arguments, result and logs are one click from the list each", async ({ console: page, stack }) => {
  await withBellows(stack, (bellows) =>
    bellows.functions.fromName<typeof faults.chatty>("faults", "chatty").remote("marmalade"),
  );
  await page.goto(`${stack.consoleUrl}/calls?app=faults&function=chatty`);
  const row = page.getByRole("row").filter({ hasText: "Succeeded" }).first();
  await row.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Call");
  await page.getByRole("link", { name: "#0" }).click();
  await expect(page.getByRole("region", { name: "Arguments" }).getByText("marmalade")).toBeVisible();
  await expect(page.getByRole("region", { name: "Result" }).last()).toContainText("9");
  const log = page.getByRole("log");
  await expect(log.getByText("about marmalade")).toBeVisible();
  await expect(log.getByText("done with marmalade")).toBeVisible();
});

test("an error is shown with its name, message, cause and the user's own lines", async ({ console: page, stack }) => {
  const id = await withBellows(stack, async (bellows) => {
    const call = await bellows.functions.fromName<typeof faults.throwing>("faults", "throwing").spawn("luck");
    await call.get().catch(() => undefined);
    return call.id;
  });
  await page.goto(`${stack.consoleUrl}/calls/${id}`);
  const first = page.getByRole("region", { name: "First error" });
  await expect(first).toContainText("RangeError: no luck");
  await first.getByRole("link", { name: "Stack and logs of input #0" }).click();
  await expect(page.getByRole("heading", { name: "Input #0" })).toBeVisible();
  await expect(page.getByText("RangeError: no luck").first()).toBeVisible();
  await expect(page.getByText("TypeError: inner").first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Stack" }).first()).toContainText("faults.ts");
});

test("attempts that failed before are told apart from the one that counted", async ({ console: page, stack }) => {
  const id = await withBellows(stack, async (bellows) => {
    const call = await bellows.functions.fromName<typeof faults.flaky>("faults", "flaky").spawn();
    await call.get();
    return call.id;
  });
  await page.goto(`${stack.consoleUrl}/calls/${id}/inputs/0`);
  const attempts = page.getByRole("table", { name: "Attempts" });
  await expect(attempts.getByRole("row").filter({ hasText: "Failed" })).toHaveCount(2);
  await expect(attempts.getByRole("row").filter({ hasText: "Attempt 3" })).toContainText("Succeeded");
  await expect(page.getByRole("region", { name: "Timeline" })).toContainText("Attempt 3");
});

test("an input leads to those before and after it, and no further", async ({ console: page, stack }) => {
  const id = await withBellows(stack, async (bellows) => {
    const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
    return (await slowly.spawnMap([0, 1], [1, 1])).id;
  });
  await page.goto(`${stack.consoleUrl}/calls/${id}/inputs/0`);
  await expect(page.getByRole("button", { name: "Previous input" })).toBeDisabled();
  await page.getByRole("link", { name: "Next input" }).click();
  await expect(page.getByRole("heading", { name: "Input #1" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Next input" })).toBeDisabled();
  await expect(page.getByRole("link", { name: "Previous input" })).toHaveAttribute("href", `/calls/${id}/inputs/0`);
});

test("a running call counts on without a reload, and can be cancelled from its page", async ({
  console: page,
  stack,
}) => {
  const work = await withBellows(stack, async (bellows) => {
    const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
    return Promise.all([slowly.spawn(1, 600_000), slowly.spawn(2, 2_000)]);
  });
  const [long, short] = work;
  await page.goto(`${stack.consoleUrl}/calls/${short.id}`);
  await expect(page.getByRole("main")).toContainText("Running");
  await expect(page.locator("header").getByText("Succeeded")).toBeVisible();

  await page.goto(`${stack.consoleUrl}/calls/${long.id}`);
  await page.getByRole("button", { name: "Cancel call" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Cancel call" }).click();
  await expect(page.locator("header").getByText("Cancelled", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Cancel call" })).toBeHidden();
});

test("filters are the address, and the address is the filters", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/calls`);
  await page.getByLabel("App", { exact: true }).selectOption("faults");
  await page.getByLabel("Function").selectOption("throwing");
  await page.getByLabel("State").selectOption("Failed");
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?app=faults&function=throwing&state=failed`);
  await page.reload();
  await expect(page.getByLabel("Function")).toHaveValue("throwing");
  await expect(page.getByRole("row").filter({ hasText: "Succeeded" })).toHaveCount(0);
});

test("what does not exist is an error with advice, not an empty page", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/apps/nowhere`);
  await expect(page.getByRole("alert").filter({ hasText: "NOT_FOUND" })).toBeVisible();
  await page.goto(`${stack.consoleUrl}/containers/not%20an%20id`);
  await expect(page.getByRole("heading", { name: "“not an id” is not a container id" })).toBeVisible();
  await page.goto(`${stack.consoleUrl}/calls/nope`);
  await expect(page.getByRole("heading", { name: "“nope” is not a call id" })).toBeVisible();
  await page.getByRole("link", { name: "Look for it in the calls" }).click();
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?search=nope`);
  await page.goto(`${stack.consoleUrl}/no/such/page`);
  await expect(page.getByRole("heading", { name: "There is no page at this address" })).toBeVisible();
});
