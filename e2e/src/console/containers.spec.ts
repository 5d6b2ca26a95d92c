/** What the containers are run by. */
import { expect, test } from "./test.ts";

test("the page of containers says which driver runs them, and why that one", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/containers`);
  const facts = page.locator("header").filter({ has: page.getByRole("heading", { name: "Containers" }) });
  await expect(facts).toContainText(
    "Driver process: BELLOWS_DRIVER asks for it; containers are processes of this host",
  );
});
