/** What holds on every page: keys, themes, and that nothing is wider than the screen. */
import type * as longNames from "../../fixtures/long-names.ts";
import { expect, test, withBellows } from "./test.ts";

const LONG_APP = "an-app-whose-name-is-as-long-as-somebody-wanted";
const LONG_FUNCTION = "aFunctionWhoseNameSaysAllThatItDoesAndThenSome";

test("two keys go anywhere, and the palette finds things by name", async ({ console: page, stack }) => {
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls`);
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder(/^App, function/).fill("chatty");
  await expect(page.getByRole("option", { name: /faults \/ chatty/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${stack.consoleUrl}/apps/faults/functions/chatty`);
});

test("the chosen theme is there before the page is drawn", async ({ console: page }) => {
  const toggle = page.getByRole("button", { name: /^Theme:/ }).first();
  await toggle.click();
  await toggle.click();
  await expect(toggle).toHaveAccessibleName(/^Theme: dark/);
  const html = await page.request.get(page.url());
  expect(await html.text()).toContain('data-theme="dark"');
});

test("the menu of a narrow screen shows the theme that holds, however often it is opened", async ({
  console: page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const open = page.getByRole("button", { name: "Open menu" });
  const toggle = page.getByRole("button", { name: /^Theme:/ });
  await open.click();
  await toggle.click();
  await expect(toggle).toHaveAccessibleName(/^Theme: light/);
  await page.getByRole("button", { name: "Close menu" }).click();
  await expect(toggle).toBeHidden();
  await open.click();
  await expect(toggle).toHaveAccessibleName(/^Theme: light/);
});

const LONG_SCALER = "anotherFunctionThatRaisesItsOwnMaximumWhenSomebodyCallsIt";

const PAGES = [
  "/",
  "/apps",
  "/apps/faults",
  "/apps/faults/functions/slowly",
  "/apps/faults/functions/slowly?tab=settings",
  "/apps/faults/functions/slowly?tab=load",
  "/apps/faults/functions/slowly?tab=autoscaler",
  `/apps/${LONG_APP}/functions/${LONG_FUNCTION}`,
  `/apps/${LONG_APP}/functions/${LONG_FUNCTION}?tab=load`,
  `/apps/${LONG_APP}/functions/${LONG_SCALER}?tab=autoscaler`,
  "/calls",
  "/calls?search=faults&since=24h",
  "/calls?from=2026-01-01T00%3A00Z",
  "/containers?gone=1",
  "/settings/limits",
  "/settings/gpus",
  "/calls/not-an-id",
];

for (const width of [390, 768, 1440]) {
  test(`no page is wider than a screen of ${width} px`, async ({ console: page, stack }) => {
    await page.setViewportSize({ width, height: 844 });
    const id = await withBellows(stack, async (bellows) => {
      const fn = bellows.functions.fromName<typeof longNames.aFunctionWhoseNameSaysAllThatItDoesAndThenSome>(
        LONG_APP,
        LONG_FUNCTION,
      );
      const scaler = bellows.functions.fromName<
        typeof longNames.anotherFunctionThatRaisesItsOwnMaximumWhenSomebodyCallsIt
      >(LONG_APP, LONG_SCALER);
      expect(await scaler.remote()).toBe(`${LONG_APP}/${LONG_SCALER}`);
      const call = await fn.spawn();
      await call.get().catch(() => undefined);
      return call.id;
    });
    for (const path of [...PAGES, `/calls/${id}`, `/calls/${id}?tab=logs`, `/calls/${id}/inputs/0`]) {
      await page.goto(`${stack.consoleUrl}${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });
}
