/** Ids are shown by their end, and given whole: copied wherever they stand, asked for wherever one is pasted. */
import type * as screens from "../../fixtures/screens.ts";
import type { Stack } from "../stack.ts";
import { expect, test, withBellows } from "./test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

function callOnce(stack: Stack): Promise<string> {
  return withBellows(stack, async (bellows) => {
    const call = await bellows.functions.fromName<typeof screens.steps>("screens", "steps").spawn(0, 1);
    await call.get();
    return call.id;
  });
}

test("the whole id is copied from a list, from a page, and of an input", async ({ console: page, stack }) => {
  const id = await callOnce(stack);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.goto(`${stack.consoleUrl}/calls?search=${id}`);
  const copy = page.getByRole("button", { name: `Copy call id ${id.slice(-8)}` });
  await page.getByRole("row").filter({ has: copy }).hover();
  await expect(copy).toHaveCSS("opacity", "1");
  await copy.click();
  expect(await copied()).toBe(id);

  await page.getByRole("link", { name: id.slice(-8) }).click();
  await page.getByRole("table", { name: "Inputs" }).getByRole("row").nth(1).hover();
  await page.getByRole("button", { name: /^Copy container id/ }).click();
  const containerId = await copied();
  await page.getByRole("link", { name: containerId.slice(-8) }).click();
  await expect(page).toHaveURL(`${stack.consoleUrl}/containers/${containerId}`);

  await page.goto(`${stack.consoleUrl}/calls/${id}/inputs/0`);
  await page.getByRole("button", { name: "Copy input id" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await copied()).toBe(`${id}:0`);
});

test("the end of an id, as lists show it, is enough to find its call", async ({ console: page, stack }) => {
  const id = await callOnce(stack);
  const end = id.slice(-8);
  await page.goto(`${stack.consoleUrl}/calls`);
  await page.getByRole("searchbox", { name: "Search" }).fill(end);
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?search=${end}`);
  await expect(page.getByRole("table", { name: /^Calls/ }).getByRole("link", { name: end })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: /^Select call/ })).toHaveCount(1);

  await page.goto(`${stack.consoleUrl}/apps`);
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder(/^App, function/).fill(end);
  await page.getByRole("option", { name: "Calls with this id" }).click();
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?search=${end}`);
});

test("ids are copied where the browser has no clipboard for pages, too: over plain HTTP", async ({
  console: page,
  stack,
}) => {
  const id = await callOnce(stack);
  await page.addInitScript(() => Object.defineProperty(window, "isSecureContext", { value: false }));
  await page.goto(`${stack.consoleUrl}/calls/${id}`);
  await page.getByRole("button", { name: "Copy call id" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeFocused();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(id);
});
