/**
 * What a worker does once while its container is kept ready: it defines a function with the SDK that is there, and runs an
 * input of it whose output goes nowhere. Each step has code of Node, of the SDK and of this worker compiled that the first
 * function would otherwise wait for. None of anybody's code runs here, and nothing is kept of it.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { pathToFileURL } from "node:url";
import { functionNamed, type Handler } from "@bellows/protocol/definitions";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import type { OutputStatus } from "@bellows/protocol/states";
import { type WorkerFrame, workerCommandSchema } from "@bellows/protocol/worker-frames";
import * as z from "zod/mini";
import { sampleCommands, sampleInputs } from "../sample-frames.ts";
import { Executor } from "./executor.ts";
import { invocationOf } from "./invocation.ts";
import type { Running } from "./running-input.ts";
import type { Streams } from "./streams.ts";

/** As much of it as is used here. */
interface Sdk {
  App: new (name: string) => { function(options: object, handler: Handler): unknown };
}

/** How the input ended. @throws whatever an SDK that cannot be used throws; the code may bring one that can. */
export async function rehearse(
  sdkPath: string,
  current: AsyncLocalStorage<Running>,
  streams: Streams,
): Promise<OutputStatus> {
  z.array(workerCommandSchema).parse(decodeFrames(encodeFrames(sampleCommands())));
  const sdk: Sdk = await import(pathToFileURL(sdkPath).href);
  const app = new sdk.App("rehearsal");
  const echo = app.function({ maxContainers: 1 }, async (value: unknown) => value);
  const { call } = invocationOf(functionNamed({ app, echo }, "echo"), null, streams);
  return await new Promise((resolve) => {
    const write = (...frames: WorkerFrame[]) => {
      encodeFrames(frames);
      const [output] = frames.flatMap((frame) => (frame.type === "outputs" ? frame.outputs : []));
      for (const [, , status] of output?.[1] ?? []) resolve(status);
    };
    new Executor({ call, slots: 1, write, beforeEnd() {} }, current).run(sampleInputs());
  });
}
