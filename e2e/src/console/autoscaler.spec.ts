/** How a function is scaled, changed by hand while it runs. */
import type { Page } from "@playwright/test";
import type * as load from "../../fixtures/load.ts";
import { expect, test, withBellows } from "./test.ts";
import { viewerSignInUrl } from "./viewer.ts";

function rowOf(page: Page, option: string) {
  return page
    .getByRole("list", { name: "Settings of the autoscaler" })
    .getByRole("listitem")
    .filter({ has: page.getByText(option, { exact: true }) });
}

test("settings are edited in place, judged at their fields and together, reviewed, saved, and taken back", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/tuned?tab=autoscaler`);
  const max = rowOf(page, "maxContainers");
  const window = rowOf(page, "scaledownWindow");
  await expect(max.getByRole("textbox")).toHaveValue("3");
  await expect(max).toContainText("code");
  await expect(max).toContainText("by deployment 1");
  await expect(rowOf(page, "minContainers")).toContainText("nobody has set it");

  await max.getByRole("textbox").fill("4001");
  await expect(max.getByRole("alert")).toHaveText("4001 is above 4,000");
  const review = page.getByRole("button", { name: "Review and save" });
  await expect(review).toBeDisabled();
  await max.getByRole("textbox").fill("5");
  await rowOf(page, "minContainers").getByRole("textbox").fill("6");
  await expect(page.getByRole("alert").filter({ hasText: "6 is above maxContainers 5" })).toBeVisible();
  await expect(review).toBeDisabled();
  await rowOf(page, "minContainers").getByRole("button", { name: "Undo" }).click();
  await window.getByRole("textbox").fill("20s");

  await review.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("list", { name: "Changes" })).toContainText("3 → 5");
  await expect(dialog.getByRole("list", { name: "Changes" })).toContainText("10s → 20s");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Saved")).toBeVisible();
  await expect(max).toContainText("override");
  await expect(max).toContainText("by owner");
  await page.reload();
  await expect(max.getByRole("textbox")).toHaveValue("5");
  await expect(page.getByText("between 0 and 5")).toBeVisible();

  await max.getByRole("button", { name: "Reset to code" }).click();
  await window.getByRole("button", { name: "Reset to code" }).click();
  await review.click();
  await expect(dialog.getByRole("list", { name: "Changes" })).toContainText("5 → as in code");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(max.getByRole("textbox")).toHaveValue("3");
  await expect(max).toContainText("code");
});

test("what the API refuses is said where it was to be saved", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/tuned?tab=autoscaler`);
  await rowOf(page, "maxContainers").getByRole("textbox").fill("2");
  // Somebody else is faster.
  expect(await stack.bellows(["function", "scale", "load/tuned", "--min", "3"])).toMatchObject({ code: 0 });
  try {
    const dialog = page.getByRole("dialog");
    const review = page.getByRole("button", { name: "Review and save" });
    await review.click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog.getByRole("alert")).toContainText("minContainers: 3 is above maxContainers 2");
  } finally {
    expect(await stack.bellows(["function", "scale", "load/tuned", "--reset", "all"])).toMatchObject({ code: 0 });
  }
});

test("a viewer sees every setting and where it comes from, and can change none", async ({ page, stack }) => {
  await page.goto(await viewerSignInUrl(stack));
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.goto(`${stack.consoleUrl}/apps/load/functions/tuned?tab=autoscaler`);
  await expect(rowOf(page, "scaledownWindow")).toContainText("10s");
  await expect(rowOf(page, "scaledownWindow")).toContainText("code");
  await expect(page.getByText("editors and up may change it")).toBeVisible();
  await expect(page.getByRole("textbox")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Review and save" })).toHaveCount(0);
});

test("a function that a deploy removes while it is looked at can be changed no more, and the page says why", async ({
  console: page,
  stack,
}) => {
  expect(await stack.bellows(["deploy", "e2e/fixtures/shrinking.ts"])).toMatchObject({ code: 0 });
  await page.goto(`${stack.consoleUrl}/apps/shrinking/functions/removed?tab=autoscaler`);
  await expect(rowOf(page, "maxContainers").getByRole("textbox")).toHaveValue("1");
  expect(await stack.bellows(["deploy", "e2e/fixtures/shrunk.ts"])).toMatchObject({ code: 0 });
  await expect(page.getByText("a deploy has removed it")).toBeVisible();
  await expect(rowOf(page, "maxContainers").getByRole("textbox")).toHaveCount(0);
});

test("a preview replays what was recorded, today's settings beside the edited ones, and changes nothing", async ({
  console: page,
  stack,
}) => {
  await withBellows(stack, async ({ functions }) => {
    const tuned = functions.fromName<typeof load.tuned>("load", "tuned");
    await tuned.map(Array.from({ length: 60 }, () => 50)).toArray();
  });
  await page.goto(`${stack.consoleUrl}/apps/load/functions/tuned?tab=autoscaler`);
  await rowOf(page, "minContainers").getByRole("textbox").fill("2");
  await page.getByRole("combobox", { name: "Arrivals" }).selectOption({ label: "Recorded: last hour" });
  await page.getByRole("button", { name: "Preview" }).click();
  const numbers = page.getByRole("table", { name: "Today beside edited" });
  await expect(numbers.getByRole("row", { name: /^Container-hours/ })).toContainText("+");
  await expect(numbers.getByRole("row", { name: /^Wait, p95/ })).toContainText(/s/);
  await expect(page.getByText("minContainers 0 → 2")).toBeVisible();
  await expect(page.getByRole("img", { name: "Containers, today and edited" })).toBeVisible();

  await rowOf(page, "minContainers").getByRole("textbox").fill("3");
  const stale = page.getByText("Changed since; preview again.");
  await expect(stale).toBeVisible();
  await rowOf(page, "minContainers").getByRole("textbox").fill("2");
  await expect(stale).toBeHidden();
  await page.getByRole("combobox", { name: "Arrivals" }).selectOption({ label: "Recorded: last 24 hours" });
  await expect(stale).toBeVisible();
  await page.getByRole("combobox", { name: "Arrivals" }).selectOption({ label: "Recorded: last hour" });
  await expect(stale).toBeHidden();
  expect(await stack.bellows(["function", "scale", "load/tuned", "--max", "4"])).toMatchObject({ code: 0 });
  try {
    await expect(stale).toBeVisible();
  } finally {
    expect(await stack.bellows(["function", "scale", "load/tuned", "--reset", "all"])).toMatchObject({ code: 0 });
  }
  await page.reload();
  await expect(rowOf(page, "minContainers").getByRole("textbox")).toHaveValue("0");
});

test("a pasted trace is replayed, and one that cannot be read says which line is wrong", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/apps/load/functions/quiet?tab=autoscaler`);
  const run = page.getByRole("button", { name: "Preview" });
  const alert = page.getByRole("region", { name: "Preview" }).getByRole("alert");
  await run.click();
  await expect(alert).toContainText("no input arrived in this time; choose a longer one");

  await page.getByRole("combobox", { name: "Arrivals" }).selectOption({ label: "A pasted trace" });
  await expect(run).toBeDisabled();
  const trace = page.getByRole("textbox", { name: "Trace, a line for each input" });
  await trace.fill("arrived_at_seconds,service_ms\n0,100\nsoon,100");
  await run.click();
  await expect(alert).toContainText('line 3: "soon,100" has no time in its first column');

  const lines = Array.from({ length: 50 }, (_, index) => `${index / 10},300`);
  await trace.fill(`arrived_at_seconds,service_ms\n${lines.join("\n")}`);
  await run.click();
  await expect(page.getByText("50 inputs")).toBeVisible();
  await expect(page.getByText("Nothing is edited: both are today's settings.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^Wait, p50/ })).toContainText("same");
  await trace.fill("arrived_at_seconds,service_ms\n0,100");
  await expect(page.getByText("Changed since; preview again.")).toBeVisible();
});
