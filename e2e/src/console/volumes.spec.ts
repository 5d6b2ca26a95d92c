/** Volumes: listed with who uses them, and deleted when nobody does. */
import { expect, test } from "./test.ts";

test("a volume is listed with its users, and deleted when it has none", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/secrets`);
  await expect(page.getByText("No volume yet")).toBeVisible();

  expect((await stack.bellows(["deploy", "e2e/fixtures/volumes.ts"])).code).toBe(0);
  const row = page.getByRole("listitem").filter({ hasText: "meeting" });
  await expect(row).toContainText("not made yet");
  await expect(row.getByRole("link", { name: "meet" })).toBeVisible();
  await expect(row.getByRole("button")).toHaveCount(0);

  const guests = ["a", "b"].map((guest) => ["call", "volumes", "meet", "--args", JSON.stringify([guest])]);
  for (const { code } of await Promise.all(guests.map((call) => stack.bellows(call)))) expect(code).toBe(0);
  await expect(row).toContainText("8 B");

  expect((await stack.bellows(["app", "stop", "volumes"])).code).toBe(0);
  await expect(row).toContainText("used by no function");
  await row.getByRole("button", { name: "Delete meeting" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("8 B");
  // Its containers may take a moment to end; until then a delete is refused, and can be tried again.
  await expect(async () => {
    await dialog.getByRole("button", { name: "Delete volume" }).click();
    await expect(dialog).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByText("No volume yet")).toBeVisible();
});
