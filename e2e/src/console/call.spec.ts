/** One call as it runs: how far it is, what cancelling does, which attempts its inputs had, which calls it made. */
import { join } from "node:path";
import type * as desk from "../../fixtures/desk.ts";
import type * as screens from "../../fixtures/screens.ts";
import { expect, test, withBellows } from "./test.ts";

test("a large call counts on, says its rate and what remains, and ends within a second of its cancel", async ({
  console: page,
  stack,
}) => {
  const inputs = 20_000;
  const id = await withBellows(stack, async (bellows) => {
    const steps = bellows.functions.fromName<typeof screens.steps>("screens", "steps");
    return (await steps.spawnMap(Array(inputs).keys(), Array(inputs).fill(200))).id;
  });
  await page.goto(`${stack.consoleUrl}/calls/${id}`);
  const progress = page.getByRole("list", { name: "Progress" });
  await expect(progress).toContainText("of 20,000");
  await expect(progress.getByText(/^[\d.,]+ \/s$/)).toBeVisible();
  await expect(progress.getByText("at this rate")).toBeVisible();

  await page.getByRole("spinbutton", { name: "Go to input" }).fill("19960");
  await page.getByRole("button", { name: "Go", exact: true }).click();
  await expect(page.getByText("#19,960 to #19,999 of 20,000")).toBeVisible();
  await expect(page.getByRole("link", { name: "#19,960" })).toBeVisible();
  await page.getByRole("link", { name: "Previous", exact: true }).click();
  await expect(page.getByText("#19,910 to #19,959 of 20,000")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("link", { name: "#19,999" })).toBeVisible();

  await page.getByRole("button", { name: "Cancel call" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel call" }).click();
  // The second, and as long again for the page to ask.
  await expect(page.locator("header").getByText("Cancelled", { exact: true })).toBeVisible({ timeout: 2_000 });
  await expect(page.getByRole("button", { name: "Cancel call" })).toBeHidden();
  await expect(page.getByRole("button", { name: /^Retry (failed and )?cancelled$/ })).toBeVisible();
  await page.getByLabel("State").selectOption("Cancelled");
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls/${id}?state=cancelled`);
  await expect(page.getByRole("table", { name: "Inputs" }).getByText("Cancelled").first()).toBeVisible();
});

test("attempts that were lost and that failed are told apart, each with its times and container", async ({
  console: page,
  stack,
  folder,
}) => {
  const marks = join(folder, "mark");
  const id = await withBellows(stack, async (bellows) => {
    const call = await bellows.functions.fromName<typeof screens.unlucky>("screens", "unlucky").spawn(marks);
    await call.get();
    return call.id;
  });
  await page.goto(`${stack.consoleUrl}/calls/${id}/inputs/0`);
  const attempts = page.getByRole("table", { name: "Attempts" });
  for (const [attempt, outcome] of [
    [1, "Lost"],
    [2, "Failed"],
    [3, "Succeeded"],
  ] as const) {
    const row = attempts.getByRole("row").filter({ hasText: `Attempt ${attempt}` });
    await expect(row).toContainText(outcome);
    // Queued, started and finished.
    await expect(row.getByRole("time")).toHaveCount(3);
    await expect(row.getByRole("link")).toHaveAttribute("href", /^\/containers\//);
  }
  await attempts.getByText("not yet", { exact: true }).click();
  await expect(attempts.getByRole("region", { name: "Stack" })).toContainText("screens.ts");
  await page
    .getByRole("navigation", { name: "Breadcrumb" })
    .getByRole("link", { name: id.slice(-8) })
    .click();
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls/${id}`);
});

test("calls that inputs made stand under the call that made them, and lead back", async ({ console: page, stack }) => {
  await withBellows(stack, (bellows) =>
    bellows.functions.fromName<typeof screens.branch>("screens", "branch").remote(2),
  );
  await page.goto(`${stack.consoleUrl}/calls?app=screens&function=leaf`);
  await page
    .getByRole("table", { name: /^Calls/ })
    .getByRole("row")
    .nth(1)
    .getByRole("link")
    .first()
    .click();
  await expect(page.locator("header").getByRole("link", { name: /^input #0 of/ })).toBeVisible();
  // It made none; it stands in a tree of others.
  await page.getByRole("link", { name: "Nested calls", exact: true }).click();
  const tree = page.getByRole("list", { name: "Nested calls" });
  // Three branches, one in the other, with a leaf each.
  await expect(tree.getByRole("link", { name: "branch" })).toHaveCount(3);
  await expect(tree.getByRole("link", { name: "leaf" })).toHaveCount(3);
  await expect(tree.getByText("Succeeded")).toHaveCount(6);
  await tree.getByRole("listitem").first().getByRole("link").first().click();
  await expect(page.getByRole("link", { name: "Nested calls 5", exact: true })).toBeVisible();
  await tree.getByRole("link", { name: "by input #0" }).first().click();
  await expect(page.getByRole("heading", { name: "Input #0" })).toBeVisible();
});

test("a function that waits for itself with all its slots is said to be deadlocked, and what to do", async ({
  console: page,
  stack,
}) => {
  await withBellows(stack, async (bellows) => {
    const call = await bellows.functions.fromName<typeof screens.knot>("screens", "knot").spawn(true);
    await page.goto(`${stack.consoleUrl}/apps/screens/functions/knot`);
    const warning = page.getByRole("alert").filter({ hasText: "Deadlock" });
    await expect(warning).toContainText("maxContainers");
    const reason = (await warning.getByRole("paragraph").nth(1).textContent()) ?? "";
    // The same words wherever somebody looks for why nothing moves.
    await page.goto(`${stack.consoleUrl}/calls/${call.id}`);
    await expect(warning).toContainText(reason);
    await expect(page.locator("header").getByText("Waiting")).toBeVisible();
    await page.goto(stack.consoleUrl);
    await expect(warning).toContainText(reason);
    await page.getByRole("list", { name: "Live numbers" }).getByRole("link", { name: "Stuck functions 1" }).click();
    await expect(page.getByRole("region", { name: "Stuck functions" })).toBeInViewport();
    await warning.getByRole("link", { name: "Its settings" }).click();
    await expect(page).toHaveURL(`${stack.consoleUrl}/apps/screens/functions/knot?tab=settings`);
    await call.cancel();
    await expect(warning).toBeHidden();
  });
});

test("a class shows its methods and a pool for each set of arguments; a generator says what it is", async ({
  console: page,
  stack,
}) => {
  await withBellows(stack, async (bellows) => {
    const Greeter = bellows.classes.fromName<typeof screens.Greeter>("screens", "Greeter");
    expect(await Greeter.instance("good day").greet.remote("Ada")).toBe("good day Ada");
  });
  await page.goto(`${stack.consoleUrl}/apps/screens/functions/Greeter`);
  await expect(page.getByRole("region", { name: "Methods" })).toContainText("greet()");
  await page
    .getByRole("region", { name: "Pools" })
    .getByRole("link", { name: /good day/ })
    .click();
  await expect(page.locator("header")).toContainText("pool of Greeter");
  const calls = page.getByRole("table", { name: /^Calls/ });
  await expect(calls.getByText("Succeeded")).toBeVisible();
  await expect(calls.getByRole("cell", { name: "greet", exact: true })).toBeVisible();
  await page.goto(`${stack.consoleUrl}/calls?search=Greeter`);
  await expect(calls.getByRole("link", { name: "Greeter.greet" })).toBeVisible();
  await calls.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(page.locator("header").getByRole("link", { name: "Greeter.greet" })).toBeVisible();
  await page.goto(`${stack.consoleUrl}/apps/screens/functions/letters`);
  await expect(page.locator("header").getByText("generator", { exact: true })).toBeVisible();
});

test("what was cancelled is not said to have failed, and is not offered again once its app is stopped", async ({
  console: page,
  stack,
}) => {
  expect(await stack.bellows(["deploy", "e2e/fixtures/desk.ts"])).toMatchObject({ code: 0 });
  const id = await withBellows(stack, async (bellows) => {
    const call = await bellows.functions.fromName<typeof desk.wait>("desk", "wait").spawn(600_000);
    await call.cancel();
    return call.id;
  });
  await page.goto(`${stack.consoleUrl}/calls/${id}`);
  const retry = page.getByRole("button", { name: /^Retry/ });
  await expect(retry).toHaveText("Retry cancelled");
  await expect(page.getByRole("link", { name: "Failed 0" })).toBeVisible();

  expect(await stack.bellows(["app", "stop", "desk"])).toMatchObject({ code: 0 });
  await page.reload();
  await expect(
    page.getByText("desk / wait is not deployed any more, so what ended badly cannot be retried"),
  ).toBeVisible();
  await expect(retry).toBeHidden();
});
