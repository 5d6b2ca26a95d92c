/** How long a caller waits for `remote()` on a warm container, one call at a time. */
import type { Bed } from "../bed.ts";
import { compared, type Figure, percentile } from "../figure.ts";
import { bareWebSocketRoundTrips } from "../peers/bare-websocket.ts";
import { graphileStartLatencies, withGraphileQueue } from "../peers/graphile-worker.ts";

const WARM_UP_CALLS = 2_000;
const CALLS = 5_000;
const PEER_STARTS = 1_000;

export async function remoteFigures(bed: Bed): Promise<Figure[]> {
  const noop = bed.handle("noop");
  const samples: number[] = [];
  for (let turn = -WARM_UP_CALLS; turn < CALLS; turn++) {
    const calledAt = performance.now();
    await noop.remote();
    if (turn >= 0) samples.push(performance.now() - calledAt);
  }
  const bare = (await bareWebSocketRoundTrips(WARM_UP_CALLS + CALLS)).slice(WARM_UP_CALLS);
  const starts = await withGraphileQueue(bed.databaseUrl, (queue) => graphileStartLatencies(queue, PEER_STARTS));
  const median = { name: "remote() median", value: percentile(samples, 0.5), unit: "ms" };
  const p99 = { name: "remote() p99", value: percentile(samples, 0.99), unit: "ms" };
  return [
    compared(median, { name: "a bare WebSocket round trip", value: percentile(bare, 0.5) }, "less"),
    compared(p99, { name: "a bare WebSocket round trip", value: percentile(bare, 0.99) }, "less"),
    compared(
      { ...median, name: "remote() median, there and back" },
      { name: "graphile-worker add -> start", value: percentile(starts, 0.5) },
      "less",
    ),
  ];
}
