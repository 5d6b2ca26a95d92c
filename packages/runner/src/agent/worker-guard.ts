/**
 * Ends the worker's process group when the agent is killed. The worker notices a dead agent by itself, unless user code
 * blocks its event loop for ever; the guard is a shell that waits for the end of a pipe only the agent holds open.
 * Where there is no shell (an image without one) the agent is the container's first process, and its end is the end of all.
 */
import { spawn } from "node:child_process";

/** Returns how to call the guard off once the group is dead, so that it never kills a later group of that number. */
export function guardGroup(groupId: number): () => void {
  const guard = spawn(
    "/bin/sh",
    ["-c", 'read -r released || kill -s KILL -- "-$1"', "bellows-guard", String(groupId)],
    {
      // A group of its own: whoever kills the agent's group must not kill the guard with it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
    },
  );
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  return () => guard.stdin.end("released\n");
}
