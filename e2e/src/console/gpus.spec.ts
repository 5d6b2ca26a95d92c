/** The GPUs of the host, declared ones here: which container has which, and who waits for how many and why. */
import type * as gpus from "../../fixtures/gpus.ts";
import { expect, test, withBellows } from "./test.ts";

test("devices are shown with their holders, and functions that wait with the reason, until they have them", async ({
  console: page,
  stack,
}) => {
  expect((await stack.bellows(["deploy", "e2e/fixtures/gpus.ts"])).code).toBe(0);
  await page.goto(`${stack.consoleUrl}/settings/gpus`);
  const stats = page.getByRole("list", { name: "In use" }).getByRole("listitem");
  await expect(stats).toHaveText([/H100\s*0\s*of 3 in use/, /A10G\s*0\s*of 1 in use/]);
  const devices = page.getByRole("table", { name: "Devices" }).getByRole("row");
  const waiting = page.getByRole("table", { name: "Functions that wait for GPUs" }).getByRole("row");
  await expect(devices.filter({ hasText: "free" })).toHaveCount(4);
  await expect(devices.filter({ hasText: "declared" })).toHaveCount(4);
  await expect(waiting).toHaveCount(0);

  await withBellows(stack, async (bellows) => {
    const single = bellows.functions.fromName<typeof gpus.single>("gpus", "single");
    const pair = bellows.functions.fromName<typeof gpus.pair>("gpus", "pair");
    const held = await single.spawnMap([3_600_000, 3_600_000]);
    const holders = devices.filter({ has: page.getByRole("link", { name: "single" }) });
    await expect(holders).toHaveCount(2);
    await expect(holders.first()).toContainText("H100");
    await expect(stats.first()).toHaveText(/H100\s*2\s*of 3 in use/);

    const call = await pair.spawn(3_600_000);
    const wait = waiting.filter({ has: page.getByRole("link", { name: "pair" }) });
    await expect(wait.getByRole("cell").nth(1)).toHaveText("1");
    await expect(wait).toContainText("wants H100:2; 2 of 3 are in use");

    await held.cancel({ terminateContainers: true });
    await expect(devices.filter({ has: page.getByRole("link", { name: "pair" }) })).toHaveCount(2);
    await expect(waiting).toHaveCount(0);
    await expect(holders).toHaveCount(0);

    await devices.filter({ hasText: "pair" }).first().getByRole("link").last().click();
    await expect(page).toHaveURL(/\/containers\//);
    await call.cancel({ terminateContainers: true });
  });
  expect((await stack.bellows(["app", "stop", "gpus"])).code).toBe(0);
});
