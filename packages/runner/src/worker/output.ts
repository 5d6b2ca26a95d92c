/**
 * The worker's way out: blocks of frames, written to file descriptor 4 and out of this process before the call returns.
 * So whatever user code does next, block the event loop or end the process, what was written before it is not lost.
 */
import { writeSync } from "node:fs";
import { encodeBlock } from "@bellows/protocol/frame-codec";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";

const FRAMES_OUT = 4;

export function writeFrames(...frames: WorkerFrame[]): void {
  const block = encodeBlock(frames);
  let written = 0;
  while (written < block.byteLength) {
    try {
      written += writeSync(FRAMES_OUT, block, written);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") continue;
      endWithGroup();
    }
  }
}

/** The agent is gone, and with it every use of this process and of what it started. */
export function endWithGroup(): never {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // Not the leader of a group: there is only this process to end.
  }
  process.exit(1);
}
