/** Images: what was built, of what, what it said, and why it failed. */
import { expect, test } from "./test.ts";

test("a build that failed is listed, and its page says of what and why", async ({ console: page, stack }) => {
  const { code, stderr } = await stack.bellows(["deploy", "e2e/fixtures/missing-package.ts"]);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("no-such-package-of-bellows") });

  await page.goto(`${stack.consoleUrl}/images`);
  const row = page.getByRole("row").filter({ hasText: "no-such-package-of-bellows" });
  await expect(row).toContainText("Failed");
  await row.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/images\/[0-9a-f]{24}$/);
  await expect(page.getByText("Image.node()", { exact: true })).toBeVisible();
  await expect(page.getByText('npmInstall("no-such-package-of-bellows@1.0.0")', { exact: true })).toBeVisible();
  const reason = page.getByRole("region", { name: "Why it failed" });
  await expect(reason).toContainText("npm could not install");

  // Nothing of it was deployed.
  await page.goto(`${stack.consoleUrl}/apps`);
  await expect(page.getByRole("link", { name: "faults", exact: true }).first()).toBeVisible();
  await expect(page.getByText("missing-package")).toHaveCount(0);
});
