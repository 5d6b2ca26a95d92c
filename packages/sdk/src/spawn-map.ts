/**
 * Stores a call of many inputs. The source is read only as far ahead of what Postgres has as the window allows, so
 * a million inputs cost the client a window of memory. Resolves once all of it is stored; until then the call
 * belongs to this program, and an error, a signal or a source that throws cancels it.
 */
import { LimitExceededError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import type { ArgumentsSource } from "./arguments-source.ts";
import { callOrigin, inThisContext } from "./call-origin.ts";
import type { OpenCall } from "./client-link.ts";
import type { BoundCall } from "./handle-binding.ts";
import { SourceReader } from "./source-reader.ts";
import { endedWithoutOutput } from "./stored-outputs.ts";
import { waitFor } from "./waiting.ts";

/** How far the storing is. `total` is null until the source has ended, unless it is an array. */
export interface SpawnMapProgress {
  stored: number;
  total: number | null;
}

export interface SpawnMapOptions {
  /** Cancels the call while it is being stored. */
  signal?: AbortSignal | undefined;
  /** Called when more inputs are stored. */
  onProgress?: ((progress: SpawnMapProgress) => void) | undefined;
}

/** Inputs that are sent and not stored, above which the source is not read on. */
const WINDOW = { inputs: 65_536, bytes: 64 * 1024 * 1024 };

/** Resolves with the id of the call. */
export function spawnMapCall(bound: BoundCall, source: ArgumentsSource, options: SpawnMapOptions): Promise<string> {
  const { parent } = callOrigin(undefined);
  const tell = inThisContext((progress: SpawnMapProgress) => options.onProgress?.(progress));
  const { knownCount } = source;
  return waitFor<string>({ signal: options.signal }, (resolve, reject) => {
    let call: OpenCall | undefined;
    let sent = 0;
    const reader = new SourceReader({
      source,
      mayRead() {
        const unstored = call?.unstored();
        return unstored !== undefined && unstored.inputs < WINDOW.inputs && unstored.bytes < WINDOW.bytes;
      },
      send(args) {
        if (sent === LIMITS.inputsPerCall) throw tooMany(sent + 1);
        call?.send(bound.encode(args, sent));
        sent += 1;
      },
      ended(failure) {
        if (failure) fail(failure.error);
        else call?.close();
      },
    });
    const giveUp = (): void => {
      reader.stop();
      call?.cancel();
    };
    const fail = (error: unknown): void => {
      giveUp();
      reject(error);
    };
    const storing = (stored: number): void => {
      try {
        tell({ stored, total: reader.ended ? sent : (knownCount ?? null) });
      } catch (error) {
        return fail(error);
      }
      reader.pump();
    };
    const isStored = (): void => {
      if (!call) return;
      call.leave();
      resolve(call.callId);
    };
    if (knownCount !== undefined && knownCount > LIMITS.inputsPerCall) {
      fail(tooMany(knownCount));
      return giveUp;
    }
    call = bound.wire.link.open(
      bound.target,
      "spawnMap",
      {
        outputs: () => undefined,
        storing,
        stored: isStored,
        finished(state) {
          if (reader.ended) isStored();
          else fail(endedWithoutOutput(call?.callId ?? "", state));
        },
        failed: fail,
      },
      { inputCount: knownCount, parent },
    );
    reader.pump();
    return giveUp;
  });
}

function tooMany(count: number): LimitExceededError {
  const max = LIMITS.inputsPerCall;
  return new LimitExceededError(
    `the call has ${count === max + 1 ? "more than" : `${count.toLocaleString("en")} inputs, above`} ${max.toLocaleString("en")} inputs; make several calls of them`,
    { details: { limit: "inputsPerCall", max, current: count, retryAfterMs: null } },
  );
}
