/**
 * One worker process: frames in and out, what it prints besides, its memory, its end. `ended` comes exactly once, after
 * every frame the worker wrote before its death has been delivered and its whole process group has been killed.
 */
import { BlockReader, decodeFrames, encodeBlock } from "@bellows/protocol/frame-codec";
import { type WorkerCommand, type WorkerFrame, workerFrameSchema } from "@bellows/protocol/worker-frames";
import * as z from "zod/mini";
import { LineSplitter } from "../log-lines.ts";
import type { OverMemory } from "./end-errors.ts";
import { kernelKills, letKernelKillFirst } from "./kernel-kills.ts";
import type { SpawnedWorker, WorkerExit } from "./spawn-worker.ts";
import { SAMPLE_INTERVAL_MS, type Usage, usageOf } from "./usage.ts";
import { guardGroup } from "./worker-guard.ts";

const framesSchema = z.array(workerFrameSchema);
/** A process that left the worker's group may hold its output open; that must not delay the news of the end. */
const OUTPUT_CLOSE_MS = 500;
const MIB = 1024 * 1024;

export interface WorkerHandlers {
  frames: (frames: WorkerFrame[]) => void;
  /** Something was printed past the worker's own capture: by a child process or native code. */
  printed: (stream: "stdout" | "stderr", lines: string[]) => void;
  /** `overMemory` is set when it was killed for its memory. */
  ended: (exit: WorkerExit & { overMemory: OverMemory | null }) => void;
}

export class WorkerProcess {
  readonly #spawned: SpawnedWorker;
  readonly #handlers: WorkerHandlers;
  #releaseGuard: (() => void) | undefined;
  #sampler: NodeJS.Timeout | undefined;
  #overMemory: OverMemory | null = null;
  #alive = true;
  #killedHere = false;
  /** The limit that the kernel keeps, too; null where the container has no cgroup of its own. */
  readonly #kernelLimitMiB: number | null;
  readonly #kernelKillsBefore: number | null;

  constructor(spawned: SpawnedWorker, kernelLimitMiB: number | null, handlers: WorkerHandlers) {
    this.#spawned = spawned;
    this.#handlers = handlers;
    this.#kernelLimitMiB = kernelLimitMiB;
    this.#kernelKillsBefore = kernelLimitMiB === null ? null : kernelKills();
    const { child } = spawned;
    if (child.pid !== undefined) letKernelKillFirst(child.pid);
    const [, , , commands, frames] = child.stdio;
    const outputsClosed = [this.#readPrinted("stdout"), this.#readPrinted("stderr")];
    const framesClosed = new Promise<void>((resolve) => frames?.once("close", resolve) ?? resolve());
    commands?.on("error", () => {});
    frames?.on("error", () => {});
    const reader = new BlockReader();
    frames?.on("data", (piece: Buffer) => this.#receive(reader.push(piece)));
    void spawned.exited.then(async (exit) => {
      this.#alive = false;
      if (exit.signal === "SIGKILL" && !this.#killedHere) this.#overMemory ??= this.#killedByKernel();
      clearInterval(this.#sampler);
      this.#killGroup();
      this.#releaseGuard?.();
      await framesClosed;
      await Promise.race([Promise.all(outputsClosed), delay(OUTPUT_CLOSE_MS)]);
      this.#handlers.ended({ ...exit, overMemory: this.#overMemory });
    });
  }

  send(command: WorkerCommand): void {
    const commands = this.#spawned.child.stdio[3];
    if (this.#alive && commands && "write" in commands) commands.write(encodeBlock([command]));
  }

  /** Kills it with everything it started. `ended` follows. */
  kill(): void {
    this.#killedHere = true;
    if (this.#alive) this.#killGroup();
  }

  /** From now on it does not outlive the agent, whatever runs in it. Safe twice. */
  guard(): void {
    const { pid } = this.#spawned.child;
    if (pid !== undefined && this.#alive) this.#releaseGuard ??= guardGroup(pid);
  }

  /** User code is about to run in it: it must not outlive the agent, and it must keep to its memory. */
  watch(limitMiB: number | null): void {
    this.guard();
    const { pid } = this.#spawned.child;
    if (pid === undefined || !this.#alive || limitMiB === null) return;
    let treeWasOver = false;
    this.#sampler = setInterval(async () => {
      const usage = await usageOf(pid);
      if (!usage || this.#overMemory) return;
      const limitBytes = limitMiB * MIB;
      // A child that was just forked counts all of its parent's pages until it has become another program.
      const treeIsOver = usage.treeRssBytes > limitBytes;
      if (usage.rssBytes > limitBytes || (treeIsOver && treeWasOver)) {
        this.#overMemory = { usedMiB: Math.ceil(usage.treeRssBytes / MIB), limitMiB };
        this.kill();
      }
      treeWasOver = treeIsOver;
    }, SAMPLE_INTERVAL_MS);
  }

  async usage(): Promise<Usage | undefined> {
    const { pid } = this.#spawned.child;
    return this.#alive && pid !== undefined ? await usageOf(pid) : undefined;
  }

  /** It grew faster than it is looked at, or filled its tmpfs, which is memory that no process has. */
  #killedByKernel(): OverMemory | null {
    const [limitMiB, before] = [this.#kernelLimitMiB, this.#kernelKillsBefore];
    if (limitMiB === null || before === null) return null;
    return (kernelKills() ?? before) > before ? { usedMiB: null, limitMiB } : null;
  }

  #killGroup(): void {
    const { pid } = this.#spawned.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nothing of the group is left.
    }
  }

  #receive(bodies: Uint8Array[]): void {
    for (const body of bodies) {
      const parsed = framesSchema.safeParse(decoded(body));
      if (parsed.success) this.#handlers.frames(parsed.data);
      // User code wrote to the worker's own pipe: what comes after it cannot be told from frames.
      else return this.kill();
    }
  }

  #readPrinted(stream: "stdout" | "stderr"): Promise<void> {
    const readable = this.#spawned.child[stream];
    if (!readable) return Promise.resolve();
    const splitter = new LineSplitter();
    const print = (lines: string[]) => {
      if (lines.length > 0) this.#handlers.printed(stream, lines);
    };
    readable.setEncoding("utf8");
    readable.on("data", (text: string) => print(splitter.push(text)));
    return new Promise((resolve) => {
      readable.once("close", () => {
        print(splitter.end());
        resolve();
      });
    });
  }
}

function decoded(body: Uint8Array): unknown {
  try {
    return decodeFrames(body);
  } catch {
    return undefined;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
