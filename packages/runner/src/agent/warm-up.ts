/**
 * What an agent does once while its container is kept ready, so that the first function finds it done: a first HTTP
 * request, a first unpacked bundle, a first look into the cache and the first frames of a start each load or compile code
 * that later ones do not wait for. Nothing depends on it: whatever fails here is met again, and told, when it is needed.
 */
import { access } from "node:fs/promises";
import { commandFrameSchema } from "@bellows/protocol/agent-frames";
import { decodeBundle, encodeBundle } from "@bellows/protocol/bundles";
import { decodeFrames, encodeBlock, encodeFrames } from "@bellows/protocol/frame-codec";
import { workerFrameSchema } from "@bellows/protocol/worker-frames";
import * as z from "zod/mini";
import { sampleAnswers, sampleCommands, sampleOrders } from "../sample-frames.ts";
import { type FetchOptions, fetchBytes } from "./fetch-bytes.ts";

const ANSWER_BYTES = 65_536;
const EMPTY_BUNDLE = { code: "", sourceMap: "", packages: {}, modules: {}, files: {} };

interface Surroundings extends Pick<FetchOptions, "token" | "socketPath"> {
  apiUrl: string;
  cacheDir: string;
}

export async function warmUp({ apiUrl, token, socketPath, cacheDir }: Surroundings): Promise<void> {
  z.array(commandFrameSchema).parse(decodeFrames(encodeFrames(sampleOrders())));
  encodeBlock(sampleCommands());
  z.array(workerFrameSchema).parse(decodeFrames(encodeFrames(sampleAnswers())));
  decodeBundle(encodeBundle(EMPTY_BUNDLE).bytes);
  await Promise.allSettled([
    fetchBytes(`${apiUrl}/healthz`, { token, socketPath, maxBytes: ANSWER_BYTES }),
    access(cacheDir),
  ]);
}
