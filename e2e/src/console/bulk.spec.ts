/** Finding calls among many and changing them together: the address is the question, and what is changed is counted first. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bellows } from "@bellows/sdk";
import type * as screens from "../../fixtures/screens.ts";
import { expect, test, withBellows } from "./test.ts";

const LONG_MS = 600_000;

function steps(bellows: Bellows) {
  return bellows.functions.fromName<typeof screens.steps>("screens", "steps");
}

test("a call is found by the begin of its id, and by names; the address keeps it", async ({ console: page, stack }) => {
  const id = await withBellows(stack, async (bellows) => (await steps(bellows).spawn(0, 1)).id);
  await page.goto(`${stack.consoleUrl}/calls`);
  // Ids begin with their time: so much of one is its own.
  await page.getByRole("searchbox", { name: "Search" }).fill(id.slice(0, 23));
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?search=${id.slice(0, 23)}`);
  const rows = page.getByRole("table", { name: /^Calls/ }).getByRole("row");
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText(id.slice(-8));

  await page.getByRole("searchbox", { name: "Search" }).fill("steps");
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?search=steps`);
  await expect(rows.filter({ hasText: id.slice(-8) })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("searchbox", { name: "Search" })).toHaveValue("steps");
  await page.getByRole("searchbox", { name: "Search" }).fill("no such name");
  await expect(page.getByText("No call matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls`);
  await expect(page.getByRole("searchbox", { name: "Search" })).toHaveValue("");
});

test("a time range is part of the address, and leaves out what is outside", async ({ console: page, stack }) => {
  const id = await withBellows(stack, async (bellows) => (await steps(bellows).spawn(0, 1)).id);
  await page.goto(`${stack.consoleUrl}/calls?search=${id}`);
  await page.getByLabel("Made").selectOption("Last hour");
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?search=${id}&since=1h`);
  await expect(page.getByRole("link", { name: id.slice(-8) })).toBeVisible();
  await page.getByLabel("Made").selectOption("Between…");
  await expect(page.getByLabel("From")).not.toHaveValue("");
  await page.getByLabel("Until").fill("2020-01-01T00:00");
  await page.getByLabel("From").fill("2019-01-01T00:00");
  await expect(page).toHaveURL(/from=2018-12-31T|from=2019-01-01T/);
  await expect(page.getByText("No call matches")).toBeVisible();
});

test("calls that were picked are cancelled after a word that says how many", async ({ console: page, stack }) => {
  await withBellows(stack, async (bellows) => {
    const spawn = () => steps(bellows).spawn(0, LONG_MS);
    const calls = [await spawn(), await spawn(), await spawn()] as const;
    const [first, second, third] = calls;
    await page.goto(`${stack.consoleUrl}/calls?app=screens&function=steps&state=running`);
    for (const { id } of [first, second]) {
      await page.getByRole("checkbox", { name: `Select call ${id.slice(-8)}` }).check();
    }
    await expect(page.getByText("2 selected")).toBeVisible();
    await page.getByRole("button", { name: "Cancel 2" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 2 calls?" });
    await dialog.getByRole("button", { name: "Cancel 2 calls" }).click();
    await expect(page.getByRole("status").filter({ hasText: "2 calls were asked to end." })).toBeVisible();
    await expect(page.getByRole("link", { name: first.id.slice(-8) })).toBeHidden();
    await expect(page.getByRole("link", { name: third.id.slice(-8) })).toBeVisible();
    expect(await Promise.all(calls.map(async (call) => (await call.status()).state))).toEqual([
      "cancelled",
      "cancelled",
      "running",
    ]);
    await third.cancel();
  });
});

test("all that match are cancelled, and nothing else", async ({ console: page, stack }) => {
  await withBellows(stack, async (bellows) => {
    const others = await bellows.functions
      .fromName<typeof import("../../fixtures/faults.ts").slowly>("faults", "slowly")
      .spawn(1, LONG_MS);
    const calls = await Promise.all([1, 2, 3, 4].map((index) => steps(bellows).spawn(index, LONG_MS)));
    await page.goto(`${stack.consoleUrl}/calls?search=steps&state=running`);
    await expect(page.getByRole("checkbox", { name: /^Select call/ })).toHaveCount(4);
    await page.getByRole("checkbox", { name: "Select all shown" }).check();
    await page.getByRole("button", { name: "Select all that match" }).click();
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 4 calls?" });
    await dialog.getByRole("button", { name: "Cancel 4 calls" }).click();
    await expect(page.getByRole("status").filter({ hasText: "4 calls were asked to end." })).toBeVisible();
    await expect(page.getByText("No call matches")).toBeVisible();
    for (const call of calls) expect((await call.status()).state).toBe("cancelled");
    expect((await others.status()).state).toBe("running");
    await others.cancel();
  });
});

test("all that match are retried, and nothing else", async ({ console: page, stack, folder }) => {
  const isUpPath = join(folder, "up");
  await withBellows(stack, async (bellows) => {
    const unsteady = bellows.functions.fromName<typeof screens.unsteady>("screens", "unsteady");
    const spawn = async (path: string) => {
      const call = await unsteady.spawn(1, path);
      await expect(call.get()).rejects.toThrow("finds nothing");
      return call;
    };
    const before = await spawn(isUpPath);
    const sinceMs = Date.now();
    const calls = [await spawn(isUpPath), await spawn(isUpPath), await spawn(isUpPath)];
    const from = new Date(sinceMs).toISOString();
    await page.goto(`${stack.consoleUrl}/calls?function=unsteady&state=failed&from=${from}`);
    await expect(page.getByRole("checkbox", { name: /^Select call/ })).toHaveCount(3);
    await page.getByRole("checkbox", { name: "Select all shown" }).check();
    await page.getByRole("button", { name: "Select all that match" }).click();
    await writeFile(isUpPath, "");
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Retry 3 calls?" });
    await dialog.getByRole("button", { name: "Retry 3 calls" }).click();
    await expect(page.getByRole("status").filter({ hasText: "3 calls run again." })).toBeVisible();
    for (const call of calls) expect(await call.get()).toBe(1);
    expect((await before.status()).state).toBe("failed");
  });
});

test("what failed is retried, what succeeded is not, and the attempts of both lives are shown", async ({
  console: page,
  stack,
  folder,
}) => {
  const isUpPath = join(folder, "up");
  await withBellows(stack, async (bellows) => {
    const unsteady = bellows.functions.fromName<typeof screens.unsteady>("screens", "unsteady");
    const indexes = [0, 1, 2, 3];
    const call = await unsteady.spawnMap(
      indexes,
      indexes.map(() => isUpPath),
    );
    await page.goto(`${stack.consoleUrl}/calls?app=screens&function=unsteady&state=failed`);
    await page.getByRole("checkbox", { name: `Select call ${call.id.slice(-8)}` }).check();
    await writeFile(isUpPath, "");
    await page.getByRole("button", { name: "Retry 1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry 1 call" }).click();
    await expect(page.getByRole("status").filter({ hasText: "1 call runs again." })).toBeVisible();
    await page.goto(`${stack.consoleUrl}/calls/${call.id}`);
    await expect(page.locator("header").getByText("Succeeded")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Retry/ })).toBeHidden();
    await page.getByRole("link", { name: "#1", exact: true }).click();
    const attempts = page.getByRole("table", { name: "Attempts" }).getByRole("row");
    await expect(attempts.filter({ hasText: "Retried" })).toContainText("input 1 finds nothing");
    await expect(attempts.last()).toContainText("Succeeded");
  });
});
