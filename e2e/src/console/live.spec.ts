/** The console while things happen: containers come and go, the orchestrator dies, and nobody reloads. */
import { Bellows } from "@bellows/sdk";
import type * as faults from "../../fixtures/faults.ts";
import { expect, test } from "./test.ts";

test("a function's page shows its containers as they start, work and are stopped", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/apps/faults/functions/slowly`);
  await expect(page.getByRole("heading", { name: "slowly" })).toBeVisible();
  const bellows = new Bellows({ url: stack.url, token: stack.token });
  const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
  const call = await slowly.spawn(1, 600_000);
  const containers = page.getByRole("table", { name: "Containers" });
  await expect(containers.getByText("Ready").first()).toBeVisible();
  await expect(page.getByText("Autoscaler:")).toBeVisible();

  await containers.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Container");
  await expect(page.getByRole("region", { name: "Start", exact: true })).toContainText("Import");
  await call.cancel({ terminateContainers: true });
  await bellows.close();
  await expect(page.locator("header").getByText(/Stopped|Failed|Draining/)).toBeVisible();
});

test("settings are shown under the names they have in code", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/apps/faults/functions/flaky?tab=settings`);
  await expect(page.getByText("retries", { exact: true })).toBeVisible();
  await expect(page.getByText("10 ms apart")).toBeVisible();
});

test("a dead orchestrator is one banner, and the page goes on by itself when it is back", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/apps`);
  const app = page.getByRole("link", { name: "faults", exact: true });
  await expect(app).toBeVisible();
  process.kill(await stack.pidOf("orchestrator"), "SIGSTOP");
  const pid = await stack.pidOf("orchestrator");
  process.kill(pid, "SIGKILL");
  const banner = page.getByRole("alert").filter({ hasText: "does not answer" });
  await expect(banner).toBeVisible();
  await expect(app).toBeVisible();
  await stack.ready();
  await expect(banner).toBeHidden();
  await expect(app).toBeVisible();
});
