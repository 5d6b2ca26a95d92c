/** What the containers are run by, and those that are kept ready before any function wants one. */
import { startStack } from "../stack.ts";
import { expect, test } from "./test.ts";

test("the page of containers says which driver runs them, and why that one", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/containers`);
  const facts = page.locator("header").filter({ has: page.getByRole("heading", { name: "Containers" }) });
  await expect(facts).toContainText(
    "Driver process: BELLOWS_DRIVER asks for it; containers are processes of this host",
  );
});

test("containers that are kept ready are counted with their memory, and are listed nowhere while no function has them", async ({
  page,
}) => {
  // The stack of the other tests keeps none, so that each start there is a whole one.
  const stack = await startStack({ console: true, env: { BELLOWS_STANDBY: "2" } });
  try {
    await page.goto(stack.signInUrl ?? "");
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
    await page.goto(`${stack.consoleUrl}/containers`);
    await expect(page.getByText(/^2 kept ready, \d+(\.\d)? MiB$/)).toBeVisible();
    await expect(page.getByText("Nothing is running")).toBeVisible();
  } finally {
    await page.goto("about:blank");
    expect(await stack.stop()).toBe(0);
  }
});
