/**
 * The user's code in this container, over all the worker processes it lives in: fetched once, loaded into the first
 * worker, and into a new one whenever a worker dies. The first one is Node's, begun before it was known what is to run;
 * for Python code another takes its place. Knows nothing of inputs; whoever does is told of every death after
 * the last frame of the dead worker, and decides whether there is another life.
 */
import type { Assignment, StartTimings } from "@bellows/protocol/agent-frames";
import { formatDuration } from "@bellows/protocol/duration";
import { type ErrorData, errorData, StartupError } from "@bellows/protocol/errors";
import type { LogItem } from "@bellows/protocol/frame-parts";
import { EXIT_HOOKS_GRACE_MS, type WorkerCommand, type WorkerFrame } from "@bellows/protocol/worker-frames";
import { nowMs } from "./clock.ts";
import { startError, startupCrashError, type WorkerEndFacts } from "./end-errors.ts";
import { type Mask, maskOf } from "./mask.ts";
import { type SpawnedWorker, spawnPythonWorker, spawnWorker } from "./spawn-worker.ts";
import { WorkerProcess } from "./worker-process.ts";

/** After the grace the worker ends by itself, unless user code blocks it. */
const EXIT_MS = EXIT_HOOKS_GRACE_MS + 2_000;
const TOLD_LINES = 10;

export interface CodeHostHandlers {
  loaded: (timings: StartTimings) => void;
  /** The code cannot be started. Comes once, and nothing after it. */
  failed: (error: ErrorData) => void;
  frame: (frame: Extract<WorkerFrame, { type: "outputs" | "yields" | "returned" }>) => void;
  logged: (lines: LogItem[]) => void;
  /** The worker died after it was loaded, or was asked to. `atMs` is when it was killed, if the agent did. */
  ended: (end: WorkerEndFacts, atMs: number) => void;
}

/** Where the code calls other functions, and as whom. */
type Connection = Extract<WorkerCommand, { type: "load" }>["connection"];

type State = "booting" | "loading" | "loaded" | "exiting" | "ended";

export class CodeHost {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #handlers: CodeHostHandlers;
  #state: State = "booting";
  #worker: WorkerProcess;
  #workerStartedAtMs = nowMs();
  #assignment: Assignment | undefined;
  #connection: Connection | undefined;
  #modulePath: string | undefined;
  /** Why it is not there yet, as far as it is known. */
  #delay: Error | undefined;
  #timings: StartTimings = { bootMs: 0, fetchMs: 0, importMs: 0, enterMs: 0 };
  #loadTimer: NodeJS.Timeout | undefined;
  #killed: { for: WorkerEndFacts["killedFor"]; atMs: number } | undefined;
  /** The last word of a worker that an error ended. */
  #crash: { error: ErrorData; ofInput: boolean } | null = null;
  #mask: Mask = maskOf([]);
  /** The last lines of one that is loading. */
  #printed: string[] = [];
  #measured: { cpuMs: number; atMs: number } | undefined;

  constructor(environment: NodeJS.ProcessEnv, firstWorker: SpawnedWorker, handlers: CodeHostHandlers) {
    this.#environment = environment;
    this.#handlers = handlers;
    this.#worker = this.#processOf(firstWorker);
  }

  get isLoaded(): boolean {
    return this.#state === "loaded";
  }

  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** Does what every start needs before its code runs, while there is none to run yet. `sdkPath` is null where none is. */
  prepare(sdkPath: string | null): void {
    if (this.#state !== "booting") return;
    this.#worker.guard();
    if (sdkPath !== null) this.#worker.send({ type: "rehearse", sdkPath });
  }

  /** Has the first worker import a module that the code is likely to import. Nothing depends on it. */
  preload(path: string): void {
    if (this.#state === "booting") this.#worker.send({ type: "preload", path });
  }

  /** Loads the code as soon as `fetchModule` has brought it, within the time a start may take. */
  start(
    assignment: Assignment,
    connection: Connection,
    fetchModule: (delayed: (reason: Error) => void) => Promise<string>,
  ): void {
    this.#assignment = assignment;
    this.#mask = maskOf(Object.values(assignment.secrets));
    this.#connection = connection;
    this.#timings.bootMs = nowMs() - Math.floor(performance.timeOrigin);
    this.#startTimer(assignment);
    if (assignment.python) {
      this.#worker.kill();
      this.#spawn(assignment);
    }
    const askedAtMs = nowMs();
    const delayed = (reason: Error) => {
      this.#delay = reason;
    };
    fetchModule(delayed).then(
      (modulePath) => {
        this.#timings.fetchMs = nowMs() - askedAtMs;
        this.#modulePath = modulePath;
        this.#load();
      },
      (error: unknown) => this.#fail(startError(error)),
    );
  }

  /** A new worker in place of one that has ended. */
  restart(): void {
    if (!this.#assignment || this.#state !== "ended") return;
    this.#crash = null;
    this.#killed = undefined;
    this.#printed = [];
    this.#measured = undefined;
    this.#timings = { bootMs: 0, fetchMs: 0, importMs: 0, enterMs: 0 };
    this.#state = "booting";
    this.#spawn(this.#assignment);
    this.#startTimer(this.#assignment);
    this.#load();
  }

  /** Does nothing while the code is not loaded. */
  send(command: WorkerCommand): void {
    if (this.#state === "loaded") this.#worker.send(command);
  }

  /** Kills the worker for the sake of one input, or for none. */
  kill(reason: WorkerEndFacts["killedFor"]): void {
    this.#killed ??= { for: reason, atMs: nowMs() };
    clearTimeout(this.#loadTimer);
    this.#worker.kill();
  }

  /** Asks the worker to end, if the code ever got to run, and sees that it does. */
  exit(): void {
    if (this.#state === "exiting" || this.#state === "ended") return;
    clearTimeout(this.#loadTimer);
    const worker = this.#worker;
    if (this.#state === "loaded") {
      worker.send({ type: "exit" });
      setTimeout(() => worker.kill(), EXIT_MS).unref();
    } else {
      worker.kill();
    }
    this.#state = "exiting";
  }

  /** CPU in percent of one core since the last time, and memory now. */
  async usage(): Promise<{ cpuPercent: number; memoryBytes: number } | undefined> {
    const usage = await this.#worker.usage();
    if (!usage) return undefined;
    const atMs = nowMs();
    const last = this.#measured ?? { cpuMs: 0, atMs: this.#workerStartedAtMs };
    this.#measured = { cpuMs: usage.cpuMs, atMs };
    const cpuPercent = (100 * Math.max(0, usage.cpuMs - last.cpuMs)) / Math.max(1, atMs - last.atMs);
    return { cpuPercent, memoryBytes: usage.treeRssBytes };
  }

  #spawn({ python, env }: Assignment): void {
    this.#workerStartedAtMs = nowMs();
    this.#worker = this.#processOf(python ? spawnPythonWorker(this.#environment, env) : spawnWorker(this.#environment));
  }

  #processOf(spawned: SpawnedWorker): WorkerProcess {
    const worker: WorkerProcess = new WorkerProcess(spawned, kernelLimitMiB(this.#environment), {
      frames: (frames) => {
        for (const frame of frames) this.#received(frame);
      },
      printed: (stream, lines) => this.#log(lines.map((line) => [nowMs(), stream, null, null, line])),
      ended: (end) => {
        // Another has taken its place before it had anything to do.
        if (worker !== this.#worker) return;
        this.#ended({
          ...end,
          crash: this.#crash?.error ?? null,
          crashOfInput: this.#crash?.ofInput ?? false,
          killedFor: this.#killed?.for ?? null,
        });
      },
    });
    return worker;
  }

  #startTimer({ startupTimeoutMs }: Assignment): void {
    this.#loadTimer = setTimeout(() => {
      const stage = this.#modulePath
        ? "importing the code or in its enter hooks"
        : `fetching the code and its packages${this.#delay ? ` (${this.#delay.message})` : ""}`;
      const limit = formatDuration(startupTimeoutMs);
      this.#fail(
        errorData(
          new StartupError(`the container was not ready within its startupTimeout of ${limit}; it was still ${stage}`),
        ),
      );
    }, startupTimeoutMs);
  }

  #load(): void {
    const bundlePath = this.#modulePath;
    const connection = this.#connection;
    if (!this.#assignment || !connection || !bundlePath || this.#state !== "booting") return;
    const { maxInputs: slots, batched, environment, appName, memoryMiB, parameters, python } = this.#assignment;
    const functionName = python ? python.function : this.#assignment.functionName;
    const env = { ...this.#assignment.secrets, ...this.#assignment.env };
    this.#state = "loading";
    const worker = this.#worker;
    const around = { environment, appName, env, connection };
    worker.send({ type: "load", bundlePath, functionName, slots, batched, parameters, ...around });
    // The guard costs a process: it is made while the worker imports, not before.
    setImmediate(() => worker.watch(memoryMiB));
  }

  #received(frame: WorkerFrame): void {
    switch (frame.type) {
      case "loaded": {
        if (this.#state !== "loading") return;
        clearTimeout(this.#loadTimer);
        this.#state = "loaded";
        const { importMs, enterMs } = frame;
        return this.#handlers.loaded({ ...this.#timings, importMs, enterMs });
      }
      case "loadFailed":
        return this.#fail(frame.error);
      case "logs":
        return this.#log(frame.lines);
      case "crashed":
        this.#crash = frame;
        return;
      case "outputs":
      case "yields":
      case "returned":
        return this.#handlers.frame(frame);
      default:
        frame satisfies never;
    }
  }

  #log(lines: LogItem[]): void {
    if (!this.isLoaded)
      this.#printed = [...this.#printed, ...this.#mask(lines).map((line) => line[4])].slice(-TOLD_LINES);
    this.#handlers.logged(lines);
  }

  #fail(error: ErrorData): void {
    if (this.#state === "exiting" || this.#state === "ended") return;
    this.#state = "exiting";
    this.kill("startup");
    this.#handlers.failed({ ...error, code: "STARTUP" });
  }

  #ended(end: WorkerEndFacts): void {
    const neverLoaded = this.#state === "booting" || this.#state === "loading";
    this.#state = "ended";
    clearTimeout(this.#loadTimer);
    if (neverLoaded) return this.#handlers.failed(startupCrashError(end, this.#printed));
    this.#handlers.ended(end, this.#killed?.atMs ?? nowMs());
  }
}

/** The drivers whose containers have a cgroup of their own say so. */
function kernelLimitMiB({ BELLOWS_OWN_CGROUP, BELLOWS_MEMORY_MIB }: NodeJS.ProcessEnv): number | null {
  return BELLOWS_OWN_CGROUP && BELLOWS_MEMORY_MIB ? Number(BELLOWS_MEMORY_MIB) : null;
}
