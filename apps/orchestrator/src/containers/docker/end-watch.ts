/**
 * Learns of containers that end: from the engine's events, and after every gap in them (a restarted engine, a cut
 * connection) by looking which are left. An end may be told twice, and never not at all.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import * as z from "zod";
import { containerIdOf, INSTANCE_LABEL } from "./container-labels.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

const eventSchema = z.object({
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

interface Watched {
  /** A container of the instance has ended. */
  died(containerId: string): void;
  /** Ends may have been missed. */
  lookAgain(): void;
}

/** Watches until `stop` is aborted. */
export async function watchEnds(docker: Docker, instance: string, watched: Watched, stop: AbortSignal): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; !stop.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      const events = await docker.getEvents({
        filters: { type: ["container"], event: ["die"], label: [`${INSTANCE_LABEL}=${instance}`] },
        abortSignal: stop,
      });
      pauseMs = FIRST_PAUSE_MS;
      watched.lookAgain();
      for await (const line of createInterface({ input: new Readable().wrap(events) })) {
        const parsed = eventSchema.safeParse(JSON.parse(line));
        const containerId = parsed.data && containerIdOf(parsed.data.Actor.Attributes);
        if (containerId) watched.died(containerId);
      }
    } catch {
      // The engine is away; it is asked again below, and what has ended meanwhile is found by looking.
    }
    await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
