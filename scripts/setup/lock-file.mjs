/**
 * A lock that names its owner and survives a kill -9 of it: whoever comes next sees that the owner is gone and takes
 * over what the file says. The file is always whole: it is written aside, then linked into place, and `link` fails
 * when the name is taken, so only one of two can win.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isRunning, recordOf } from "./processes.mjs";
import { reasonOf } from "./refusal.mjs";

/** @typedef {import("./processes.mjs").ProcessRecord} ProcessRecord */
/** @typedef {{ owner: ProcessRecord, children: ProcessRecord[] }} LockContent `children`: what the owner has started */

/**
 * @param {string} path
 * @returns {{ taken: true, previous: LockContent | undefined } | { taken: false, owner: ProcessRecord }} `previous`:
 * the lock of an owner that is gone
 */
export function takeLock(path) {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, contentText({ owner: recordOf("owner", process.pid), children: [] }));
  /** @type {LockContent | undefined} */
  let previous;
  try {
    for (;;) {
      if (linked(aside, path)) return { taken: true, previous };
      const held = readLock(path);
      if (held && isRunning(held.owner)) return { taken: false, owner: held.owner };
      previous = held ?? previous;
      removeStale(path, `${aside}.stale`);
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

/** By its owner only. @param {string} path @param {ProcessRecord[]} children */
export function rewriteLock(path, children) {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, contentText({ owner: recordOf("owner", process.pid), children }));
  renameSync(aside, path);
}

/** @param {string} path */
export function releaseLock(path) {
  rmSync(path, { force: true });
}

/** The content, or undefined for a file that is missing or no lock. @param {string} path @returns {LockContent | undefined} */
export function readLock(path) {
  try {
    const content = JSON.parse(readFileSync(path, "utf8"));
    const whole = isRecord(content?.owner) && Array.isArray(content.children) && content.children.every(isRecord);
    return whole ? content : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} aside @param {string} path */
function linked(aside, path) {
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (reasonOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Two may find the same stale lock; the slower must not remove the lock that the faster has made since.
 * @param {string} path @param {string} aside
 */
function removeStale(path, aside) {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (reasonOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = readLock(aside);
  if (moved && isRunning(moved.owner)) linked(aside, path);
  rmSync(aside, { force: true });
}

/** @param {unknown} value */
function isRecord(value) {
  if (typeof value !== "object" || value === null) return false;
  const { name, pid, began } = /** @type {Record<string, unknown>} */ (value);
  return typeof name === "string" && Number.isInteger(pid) && typeof began === "string";
}

/** @param {LockContent} content */
function contentText(content) {
  return `${JSON.stringify(content, null, 2)}\n`;
}
