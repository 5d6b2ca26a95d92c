/**
 * Processes by identity. A process id alone is reused by the system, so what is recorded is the id and the time its
 * process began: a stale record never gets another program killed.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * @typedef {object} ProcessRecord
 * @property {string} name
 * @property {number} pid also the id of its process group when it leads one
 * @property {string} began opaque; equal only for the same process
 */

/** When the process began, or undefined when there is none. Linux keeps it in /proc; elsewhere `ps` knows. @param {number} pid */
function beganAt(pid) {
  if (process.platform === "linux") return beganAtLinux(pid);
  try {
    const text = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return text === "" || text.startsWith("Z") ? undefined : text.slice(text.indexOf(" ") + 1).trim();
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function beganAtLinux(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything; the state is the first field after it, the start time the 20th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** @param {string} name @param {number} pid @returns {ProcessRecord} */
export function recordOf(name, pid) {
  return { name, pid, began: beganAt(pid) ?? "" };
}

/** @param {ProcessRecord} record */
export function isRunning(record) {
  return record.began !== "" && beganAt(record.pid) === record.began;
}

/** Signals a whole process group; a group that is gone is fine. @param {number} pid @param {NodeJS.Signals} signal */
export function signalGroup(pid, signal) {
  // 0 would be our own group: a process that could not be spawned has no number.
  if (pid <= 0) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody is left in it.
  }
}

/** Signals the process alone. @param {number} pid @param {NodeJS.Signals} signal */
export function signalProcess(pid, signal) {
  if (pid <= 0) return;
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it ended by itself.
  }
}

/**
 * Ends a process that is not our child (so there is no exit event to wait for) and what is left of its group.
 * @param {ProcessRecord} record
 * @param {{ signal: NodeJS.Signals, graceMs: number }} how
 */
export async function endStranger(record, { signal, graceMs }) {
  if (!isRunning(record)) return;
  signalProcess(record.pid, signal);
  const deadline = Date.now() + graceMs;
  while (isRunning(record) && Date.now() < deadline) await delay(20);
  signalGroup(record.pid, "SIGKILL");
  while (isRunning(record)) await delay(20);
}
