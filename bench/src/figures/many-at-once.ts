/** Fifty containers of a Docker engine wanted in one moment: how long until an input has begun in the last one. */
import type { Bed } from "../bed.ts";
import type { Line } from "../figure.ts";

const CONTAINERS = 50;

export async function manyAtOnceFigures(bed: Bed): Promise<Line[]> {
  await bed.handle("noop").remote(0);
  const indexes = Array.from({ length: CONTAINERS }, (_, index) => index);
  // Each holds its container until all of them run, so each needs one of its own.
  const call = await bed.handle("together").spawnMap(indexes);
  const calledAtMs = Date.now();
  const hosts = new Set<string>();
  for await (const host of call.results()) hosts.add(host);
  if (hosts.size !== CONTAINERS) throw new Error(`${CONTAINERS} inputs ran in ${hosts.size} containers`);
  const failed = await failedContainers(bed);
  if (failed.length > 0) throw new Error(`${failed.length} containers failed, the first: ${failed[0]}`);
  const { items } = await bed.api.request((api) => api.calls.inputs.query({ callId: call.id, limit: CONTAINERS }));
  const begun = items.map(({ startedAtMs }) => startedAtMs ?? Number.POSITIVE_INFINITY);
  const seconds = (Math.max(...begun) - calledAtMs) / 1_000;
  return [
    { name: `${CONTAINERS} containers at once, docker, none failed`, value: seconds, unit: "s" },
    { name: `${CONTAINERS} containers at once, docker: rate`, value: CONTAINERS / seconds, unit: "/s" },
  ];
}

/** Why each container that failed did so, those included that another was started for. */
async function failedContainers(bed: Bed): Promise<string[]> {
  const { items } = await bed.api.request((api) =>
    api.containers.list.query({ state: "failed", includeGone: true, limit: CONTAINERS }),
  );
  return items.map(({ id, reason }) => `${id}: ${reason}`);
}
