/** The console while things happen: containers come and go, the orchestrator dies, and nobody reloads. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Bellows } from "@bellows/sdk";
import { z } from "zod";
import type * as faults from "../../fixtures/faults.ts";
import type { Stack } from "../stack.ts";
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

test("what a stopped app had can still be looked at", async ({ console: page, stack }) => {
  const run = await stack.bellows(["run", "e2e/fixtures/faults.ts::echo", "--", "tea"]);
  expect(run).toMatchObject({ code: 0 });
  await page.goto(`${stack.consoleUrl}/apps?state=stopped`);
  await page.getByRole("link", { name: /^faults-run-/ }).click();
  await page.getByRole("link", { name: "echo", exact: true }).first().click();
  await expect(page.getByRole("heading", { name: "echo" })).toBeVisible();
  await expect(page.locator("header").getByText("Stopped")).toBeVisible();
  await expect(page.getByRole("table", { name: /^Calls/ }).getByText("Succeeded")).toBeVisible();
});

test("a dead orchestrator is one banner, and the page goes on by itself when it is back", async ({
  console: page,
  stack,
}) => {
  await page.goto(`${stack.consoleUrl}/apps`);
  const app = page.getByRole("link", { name: "faults", exact: true });
  await expect(app).toBeVisible();
  const banner = page.getByRole("alert").filter({ hasText: "does not answer" });
  const orchestrator = await stack.pidOf("orchestrator");
  const supervisor = await supervisorOf(stack);
  // Held, so that nothing is started again before the console has noticed.
  process.kill(supervisor, "SIGSTOP");
  try {
    process.kill(orchestrator, "SIGKILL");
    await expect(banner).toBeVisible();
    await expect(app).toBeVisible();
  } finally {
    process.kill(supervisor, "SIGCONT");
  }
  await stack.ready();
  await expect(banner).toBeHidden();
  await expect(app).toBeVisible();
});

const lockSchema = z.object({ owner: z.object({ pid: z.number() }) });

async function supervisorOf({ stateDir }: Stack): Promise<number> {
  return lockSchema.parse(JSON.parse(await readFile(join(stateDir, "start.lock"), "utf8"))).owner.pid;
}
