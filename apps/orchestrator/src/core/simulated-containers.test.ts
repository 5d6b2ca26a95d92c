import type { InputItem } from "@bellows/protocol/frame-parts";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import type { CoreEvent } from "./events.ts";
import { SimulatedContainers } from "./simulated-containers.ts";
import { SimulatedCounts } from "./simulated-counts.ts";
import type { Simulation } from "./simulation.ts";

function world(given: Partial<Simulation>) {
  const simulation: Simulation = {
    settings: parseFunctionOptions({}),
    arrivals: { atMs: [0, 0, 0], serviceMs: [100, 300, 200] },
    model: { startMs: () => 1_000 },
    untilMs: 10_000,
    environmentCap: 10,
    gpusPerContainer: 0,
    timelinePoints: 0,
    ...given,
  };
  const counts = new SimulatedCounts(simulation);
  const containers = new SimulatedContainers(simulation, counts);
  const id = containers.start(0);
  containers.due(1_000);
  return { counts, containers, id };
}

const ITEMS = [0, 1, 2].map((index): InputItem => [index, 1, new Uint8Array(0)]);

function endedIndexes(events: readonly CoreEvent[]): number[] {
  return events.flatMap((event) => {
    return event.type === "attemptsEnded" ? event.outputs.flatMap(([, items]) => items.map(([index]) => index)) : [];
  });
}

test("a frame of a batched function takes one slot, begins together, and ends together after the time of its batch", () => {
  const settings = parseFunctionOptions({ batched: { maxBatchSize: 8, waitMs: 10 } });
  const batchMs = (servicesMs: readonly number[]) => 50 + 10 * servicesMs.length;
  const { containers, counts, id } = world({ settings, model: { startMs: () => 1_000, batchMs } });
  containers.run(id, [["call", ITEMS]], 2_000);
  expect(containers.nextMs).toBe(2_080);
  expect(endedIndexes(containers.due(2_080))).toEqual([0, 1, 2]);
  expect(counts.result(10_000).waitMs).toMatchObject({ p50: 2_000, p99: 2_000 });
});

test("without a model of batches one runs as long as its longest input", () => {
  const settings = parseFunctionOptions({ batched: { maxBatchSize: 8, waitMs: 10 } });
  const { containers, id } = world({ settings });
  containers.run(id, [["call", ITEMS]], 2_000);
  expect(containers.nextMs).toBe(2_300);
});

test("inputs of any other function run one after the other in one slot, and those that wait go back when they are recalled", () => {
  const { containers, id } = world({});
  containers.run(id, [["call", ITEMS]], 2_000);
  const events: CoreEvent[] = [];
  containers.recall(
    id,
    [
      ["call", 0, 1],
      ["call", 2, 1],
    ],
    events,
  );
  // The first has begun: it simply ends.
  expect(events).toEqual([{ type: "attemptsReturned", containerId: id, attempts: [["call", 2, 1]] }]);
  expect(endedIndexes(containers.due(2_100))).toEqual([0]);
  expect(endedIndexes(containers.due(2_400))).toEqual([1]);
});

test("to end a container that runs something is refused", () => {
  const { containers, id } = world({});
  containers.run(id, [["call", ITEMS]], 2_000);
  expect(() => containers.end(id, 2_050)).toThrow("was told to end while it ran 1 units");
});
