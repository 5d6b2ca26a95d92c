/**
 * A lock between the agents of a host: a file that its holder touches once a second. One that has not been touched for
 * ten seconds was left by a killed agent and is removed. Two may then hold it for a moment, so what is locked must be
 * harmless to do twice; process ids would not do, for agents in containers see only their own.
 */
import { open, rm, stat, utimes } from "node:fs/promises";

const TOUCH_MS = 1_000;
const STALE_MS = 10_000;
const POLL_MS = 50;

export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await acquired(path))) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const touch = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    await rm(path, { force: true });
  }
}

async function acquired(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const touchedAtMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  if (Date.now() - touchedAtMs > STALE_MS) await rm(path, { force: true });
  return false;
}
