/**
 * One `spawnMap` of a million inputs from one client, in a process of its own: how long it takes to be stored and what it
 * costs in memory, how soon a cancel has stopped it, and how fast results are read.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { APP, type Bed } from "../bed.ts";
import { bounded, type Line } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import type { Answer, Task } from "../million-client.ts";
import { peakMb } from "../resident.ts";
import { checkpoint, ended, requireInputs } from "../stored-calls.ts";

const INPUTS = 1_000_000;
const READ_INPUTS = 200_000;
const POLL_MS = 2;
const CANCEL_MS = 1_000;

export async function millionFigures(bed: Bed): Promise<Line[]> {
  const { url, token } = bed.stack;
  const client = fork(fileURLToPath(new URL("../million-client.js", import.meta.url)), [url, token]);
  const ask = async (task: Task): Promise<Answer> => {
    const answered = once(client, "message");
    // One that fails says why on standard error, and ends.
    const ended = once(client, "exit").then(() => Promise.reject(new Error(`the client failed at "${task.type}"`)));
    client.send(task);
    const [answer] = (await Promise.race([answered, ended])) as [Answer];
    return answer;
  };
  try {
    const letGo = await holdContainer(bed);
    const orchestrator = await bed.stack.pidOf("orchestrator");
    const { peak: before } = await peakMb(orchestrator, delay(POLL_MS));
    const stored = await peakMb(orchestrator, ask({ type: "store", inputs: INPUTS }));
    const { callId, seconds, peakAboveIdleMb } = stored.result;
    await requireInputs(bed, callId, INPUTS);
    await letGo();
    await until(bed, ({ running }) => running > 0);
    const cancelled = await ask({ type: "cancel", callId });
    const stopped = performance.now();
    await until(bed, ({ running, queued }) => running === 0 && queued === 0);
    const cancelMs = cancelled.seconds * 1_000 + performance.now() - stopped;
    const state = await ended(bed, callId);
    if (state !== "cancelled") throw new Error(`the call had ${state} before it could be cancelled`);

    await checkpoint(bed);
    const small = await ask({ type: "store", inputs: READ_INPUTS });
    await ended(bed, small.callId);
    const read = await ask({ type: "read", callId: small.callId, inputs: READ_INPUTS });
    return [
      { name: "spawnMap of 1,000,000: until stored", value: seconds, unit: "s" },
      { name: "spawnMap of 1,000,000: client, peak above idle", value: peakAboveIdleMb, unit: "MB" },
      { name: "spawnMap of 1,000,000: orchestrator, peak", value: stored.peak - before, unit: "MB" },
      bounded({ name: "cancel of 1,000,000 until nothing runs", value: cancelMs, unit: "ms" }, CANCEL_MS),
      { name: "results() of 200,000, one after the other", value: READ_INPUTS / read.seconds, unit: "results/s" },
    ];
  } finally {
    client.kill();
  }
}

async function until(bed: Bed, isSo: (stats: { running: number; queued: number }) => boolean): Promise<void> {
  for (;;) {
    const { stats } = await bed.api.request((api) => api.functions.get.query({ app: APP, name: "noop" }));
    if (isSo(stats)) return;
    await delay(POLL_MS);
  }
}
