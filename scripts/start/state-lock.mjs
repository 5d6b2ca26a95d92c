/**
 * One start per state folder. `start.lock` names the supervisor and every process it has started, so that the start
 * after a kill -9 of the supervisor knows what was left running.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readLock, releaseLock, rewriteLock, takeLock } from "../setup/lock-file.mjs";
import { isRunning } from "../setup/processes.mjs";
import { Refusal, reasonOf } from "../setup/refusal.mjs";

/** @typedef {import("../setup/processes.mjs").ProcessRecord} ProcessRecord */

/**
 * @typedef {object} StateLock
 * @property {ProcessRecord[]} leftBehind processes of a supervisor that was killed
 * @property {(child: ProcessRecord) => void} add
 * @property {(child: ProcessRecord) => void} remove
 * @property {() => void} release
 */

/**
 * @param {string} stateDir made when it is missing
 * @returns {StateLock}
 * @throws {Refusal} when another start has it, or it cannot be written
 */
export function lockState(stateDir) {
  makeWritable(stateDir);
  const path = join(stateDir, "start.lock");
  const lock = takeLock(path);
  if (!lock.taken)
    throw new Refusal(
      `Bellows is already running on ${stateDir} (process ${lock.owner.pid}); stop that one, or start a second copy with --state-dir, --port and --console-port`,
    );
  const leftBehind = lock.previous?.children.filter(isRunning) ?? [];
  let children = leftBehind;
  rewriteLock(path, children);
  return {
    leftBehind,
    add(child) {
      children = [...children, child];
      rewriteLock(path, children);
    },
    remove(child) {
      children = children.filter((other) => other.pid !== child.pid || other.began !== child.began);
      if (readLock(path)) rewriteLock(path, children);
    },
    release: () => releaseLock(path),
  };
}

/** @param {string} stateDir */
function makeWritable(stateDir) {
  try {
    makeFolder(join(stateDir, "logs"));
    const probe = join(stateDir, `.writable.${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    throw new Refusal(
      `cannot write to the state folder ${stateDir} (${reasonOf(error)}); make it writable, or choose another with --state-dir DIR`,
    );
  }
}

/**
 * With what it is in. Node's own `recursive` never comes back where nothing can be made and ENOENT says so, as in /proc.
 * @param {string} path
 */
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another start makes the same.
    if (reasonOf(error) !== "EEXIST") throw error;
  }
}
