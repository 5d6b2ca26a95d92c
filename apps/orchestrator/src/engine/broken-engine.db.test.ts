import { newId } from "@bellows/protocol/ids";
import { expect, test, vi } from "vitest";
import { stepMany } from "../core/function-core.ts";
import { until } from "../testing-client.ts";
import { testWorld, userOf } from "../testing-world.ts";

vi.mock("../core/function-core.ts", { spy: true });

const world = await testWorld();
const { driver } = world;

test("an output that a step failed on is not acknowledged, and is stored by the engine made after it", async () => {
  driver.answer = () => undefined;
  const orchestrator = await world.start();
  const fn = await world.deploy();
  const callId = newId();
  const values = [new Uint8Array([7])];
  await orchestrator.engines.submit({
    callId,
    functionId: fn.functionId,
    kind: "spawn",
    values,
    idempotencyKey: null,
    by: userOf(null),
  });
  const agent = await until(() => {
    const found = driver.of(fn.functionId).find(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has the input");
    return found;
  });
  const before = await orchestrator.engines.ensure(fn.functionId);
  vi.mocked(stepMany).mockImplementationOnce(() => {
    throw new Error("a defect in a step");
  });
  const [item] = agent.held;
  if (item) agent.end(item, item[3]);
  await until(() => expect(before.isReleased).toBe(true));
  expect(agent.unacknowledged).toBe(1);
  const after = await orchestrator.engines.ensure(fn.functionId);
  expect(after).not.toBe(before);
  agent.connect();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0, attempts: 1 });
  await until(() => expect(agent.unacknowledged).toBe(0));
  expect(driver.of(fn.functionId)).toEqual([agent]);
  expect(world.errors.splice(0).join()).toContain("a defect in a step");
});
