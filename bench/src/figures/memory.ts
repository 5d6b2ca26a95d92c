/** What a million waiting inputs cost the orchestrator, above what it takes when idle. */
import type { Bed } from "../bed.ts";
import { bounded, type Line } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import { settledMb } from "../resident.ts";
import { upTo } from "../sequence.ts";

const INPUTS = 1_000_000;

export async function memoryFigures(bed: Bed): Promise<Line[]> {
  const pid = await bed.stack.pidOf("orchestrator");
  await holdContainer(bed);
  const idle = await settledMb(pid);
  await bed.handle("noop").spawnMap(upTo(INPUTS));
  const pending = await settledMb(pid);
  return [
    { name: "orchestrator when idle", value: idle, unit: "MB" },
    bounded({ name: "1,000,000 waiting inputs, above idle", value: pending - idle, unit: "MB" }, 200),
  ];
}
