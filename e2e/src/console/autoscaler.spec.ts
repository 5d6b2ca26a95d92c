/** How a function is scaled, changed by hand while it runs. */
import type { Page } from "@playwright/test";
import { expect, test } from "./test.ts";
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
    expect(await stack.bellows(["function", "scale", "load/tuned", "--reset"])).toMatchObject({ code: 0 });
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
