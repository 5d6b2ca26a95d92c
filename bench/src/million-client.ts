/** A client process that does what it is told and says how long it took and what it cost in memory. */
import { Bellows } from "@bellows/sdk";
import type { noop } from "./functions.ts";
import { upTo } from "./sequence.ts";

export type Task =
  | { type: "store"; inputs: number }
  | { type: "cancel"; callId: string }
  | { type: "read"; callId: string; inputs: number };

export interface Answer {
  callId: string;
  seconds: number;
  /** Of this process, over its life so far. */
  peakAboveIdleMb: number;
}

const KIB_IN_MB = 1_024 / 1_000_000;

const [url = "", token = ""] = process.argv.slice(2);
const bellows = new Bellows({ url, token });
const handle = bellows.functions.fromName<typeof noop>("bench", "noop");
await handle.stats();
const idleKib = process.resourceUsage().maxRSS;

process.on("message", (task: Task) => {
  const startedAt = performance.now();
  perform(task).then((callId) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const peakAboveIdleMb = (process.resourceUsage().maxRSS - idleKib) * KIB_IN_MB;
    process.send?.({ callId, seconds, peakAboveIdleMb } satisfies Answer);
  });
});
process.on("disconnect", () => process.exit());

async function perform(task: Task): Promise<string> {
  switch (task.type) {
    case "store":
      return (await handle.spawnMap(upTo(task.inputs))).id;
    case "cancel":
      await bellows.calls.mapFromId(task.callId).cancel();
      return task.callId;
    case "read": {
      let read = 0;
      for await (const _ of bellows.calls.mapFromId(task.callId).results()) read += 1;
      if (read !== task.inputs) throw new Error(`${read} of ${task.inputs} results were read`);
      return task.callId;
    }
    default:
      return task satisfies never;
  }
}
