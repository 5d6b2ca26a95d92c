/** Only one at a time installs and builds in a clone: starts side by side wait for each other here. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { releaseLock, takeLock } from "./lock-file.mjs";

/**
 * @template T
 * @param {string} root
 * @param {{ signal: AbortSignal, onWait: () => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileCloneIsLocked(root, { signal, onWait }, work) {
  mkdirSync(join(root, ".turbo"), { recursive: true });
  const path = join(root, ".turbo/setup.lock");
  for (let told = false; !takeLock(path).taken; told = true) {
    if (!told) onWait();
    await delay(100, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    releaseLock(path);
  }
}
