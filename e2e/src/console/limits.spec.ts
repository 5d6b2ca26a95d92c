/** The limits of the environment, set and given back. */
import { expect, test } from "./test.ts";

test("a limit is set, refused out of its bounds at its field, and reset to its default", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/settings`);
  await expect(page).toHaveURL(`${stack.consoleUrl}/settings/limits`);
  const row = page.getByRole("listitem").filter({ hasText: "pendingSyncInputs" });
  const field = row.getByRole("textbox", { name: "pendingSyncInputs" });
  await expect(field).toHaveValue("2000");

  await field.fill("100001");
  await expect(row.getByRole("alert")).toHaveText("At most 100,000.");
  await expect(row.getByRole("button", { name: "Save" })).toBeDisabled();

  await row.getByRole("button", { name: "Undo" }).click();
  await expect(row.getByRole("alert")).toBeHidden();

  await field.fill("1999");
  await field.press("Enter");
  await expect(row.getByText("Saved")).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue("1999");
  await expect(row).toContainText("Set here. Default 2,000");

  await row.getByRole("button", { name: "Reset to default" }).click();
  await expect(field).toHaveValue("2000");
  await expect(row.getByRole("button", { name: "Reset to default" })).toBeHidden();
});
