/**
 * What an agent does once while its container is kept ready, so that the first function finds it done: a first HTTP
 * request, a first unpacked bundle and a first look into the cache each load code of Node that later ones do not wait
 * for. Nothing depends on it: whatever fails here is met again, and told, when it is needed.
 */
import { access } from "node:fs/promises";
import { decodeBundle, encodeBundle } from "@bellows/protocol/bundles";
import { fetchBytes } from "./fetch-bytes.ts";

const ANSWER_BYTES = 65_536;
const EMPTY_BUNDLE = { code: "", sourceMap: "", packages: {}, modules: {}, files: {} };

export async function warmUp({ apiUrl, token, cacheDir }: Record<"apiUrl" | "token" | "cacheDir", string>) {
  decodeBundle(encodeBundle(EMPTY_BUNDLE).bytes);
  await Promise.allSettled([fetchBytes(`${apiUrl}/healthz`, { token, maxBytes: ANSWER_BYTES }), access(cacheDir)]);
}
