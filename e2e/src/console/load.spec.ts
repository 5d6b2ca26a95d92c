/** What a function did lately, drawn while it happens, and why it had the containers it had. */
import type * as load from "../../fixtures/load.ts";
import { expect, test, withBellows } from "./test.ts";

test("an idle function says where to look and what to do; the time range is in the address", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/quiet?tab=load`);
  await expect(page.getByText("Idle in the last 15 minutes")).toBeVisible();
  await expect(page.getByText("Nothing was decided yet")).toBeVisible();
  await page.getByRole("link", { name: "last hour" }).click();
  await expect(page).toHaveURL(/tab=load&last=1h$/);
  await page.getByRole("navigation", { name: "Time range" }).getByRole("link", { name: "24h" }).click();
  await expect(page).toHaveURL(/tab=load&last=24h$/);
  await expect(page.getByText("npx bellows call load quiet")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("link", { name: "24h", exact: true })).toHaveAttribute("aria-current", "true");
});

test("a load appears without a reload, with each decision on the curve and in words", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/work?tab=load`);
  await expect(page.getByText("Idle in the last 15 minutes")).toBeVisible();
  await withBellows(stack, async ({ functions }) => {
    const work = functions.fromName<typeof load.work>("load", "work");
    await work.map(Array.from({ length: 40 }, () => 150)).toArray();
  });
  await expect(page.getByText("40 inputs")).toBeVisible();
  await expect(page.getByRole("img", { name: "Inputs that arrived, a second" })).toBeVisible();

  const mark = page.getByRole("list", { name: "Decisions on the chart" }).getByRole("button").first();
  const note = page.getByRole("status").filter({ hasText: "in flight" });
  await mark.hover();
  await expect(note).toContainText(/wanted \d+: \d+ in flight/);
  await page.mouse.move(0, 0);
  await expect(note).toBeHidden();
  await mark.click();
  await page.mouse.move(0, 0);
  await expect(note).toBeVisible();
  await mark.click();
  await page.mouse.move(0, 0);
  await expect(note).toBeHidden();

  const decisions = page.getByRole("table", { name: "Decisions of the autoscaler" });
  await expect(decisions.getByText("capped by maxContainers 3").first()).toBeVisible();

  const latency = page.getByRole("table", { name: "Latency by where it was spent" });
  await expect(latency.getByRole("row", { name: /^Execution/ })).toContainText(/1\d\d ms.*40$/);
  await expect(latency.getByRole("row", { name: /^Cold start/ })).not.toContainText("–");
  await page.getByRole("button", { name: "p99" }).click();
  await expect(page.getByRole("img", { name: /^p99 of the time in the queue/ })).toBeVisible();
});

test("marks of a narrow screen do not overlap, and what a click keeps said stays said while more is decided", async ({
  console: page,
  stack,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stack.consoleUrl}/apps/load/functions/work?tab=load`);
  const wave = () =>
    withBellows(stack, async ({ functions }) => {
      const work = functions.fromName<typeof load.work>("load", "work");
      await work.map(Array.from({ length: 40 }, () => 50)).toArray();
    });
  await wave();
  const marks = page.getByRole("list", { name: "Decisions on the chart" }).getByRole("button");
  await marks.last().click();
  const note = page.getByRole("status").filter({ hasText: "in flight" });
  const said = (await note.getByRole("paragraph").first().textContent()) ?? "";
  await page.mouse.move(0, 0);
  await marks.last().blur();
  const newest = (await marks.last().getAttribute("aria-label")) ?? "";
  await wave();
  await expect(marks.last()).not.toHaveAttribute("aria-label", newest);
  await expect(note.getByRole("paragraph").first()).toHaveText(said);

  const boxes = await Promise.all((await marks.all()).map((mark) => mark.boundingBox()));
  const lefts = boxes.map((box) => box?.x ?? Number.NaN);
  for (const [index, left] of lefts.entries()) {
    expect(left - (lefts[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(11.9);
  }
});

test("how full batches were is shown with the share of full ones", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/doubled?tab=load`);
  await expect(page.getByText("Idle in the last 15 minutes")).toBeVisible();
  await withBellows(stack, async ({ functions }) => {
    const doubled = functions.fromName<typeof load.doubled>("load", "doubled");
    await doubled.map(Array.from({ length: 64 }, (_, index) => index)).toArray();
    await doubled.remote(1);
  });
  const batches = page.getByRole("region", { name: "Batches" });
  await expect(batches.getByText(/^\d+ batches$/)).toBeVisible();
  await expect(batches.getByText("went out full")).toBeVisible();
  await expect(batches.getByText("inputs on average, of at most 8")).toBeVisible();
  const bars = batches.getByRole("list", { name: "Batches by size" }).getByRole("listitem");
  await expect(bars).toHaveCount(8);
  await expect(bars.first()).toContainText(/^1 input: \d+ batch/);
  await expect(bars.last()).toContainText(/^8 inputs: [1-9]\d* batch/);
});

test("the reason of the live numbers leads to all decisions", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/work`);
  await page.getByRole("link", { name: "All decisions" }).click();
  await expect(page.getByRole("region", { name: "Decisions" })).toBeVisible();
});
