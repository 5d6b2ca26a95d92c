/**
 * The agent of one container: it stands between the orchestrator (`link`) and the process that runs user code
 * (`worker`). It forwards inputs and outputs without decoding values, and it alone judges the worker: what has begun,
 * what is overdue, what is lost. Everything it holds survives a cut link and the death of its worker.
 */
import type { AgentFrame, Assignment, CommandFrame, StartTimings } from "@bellows/protocol/agent-frames";
import { formatDuration } from "@bellows/protocol/duration";
import { type ErrorData, errorData, StartupError } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem, LogItem } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { Attempts, type EndedAttempt } from "./attempts.ts";
import { bundleModule } from "./bundle-cache.ts";
import { nowMs } from "./clock.ts";
import type { AgentConfiguration } from "./configuration.ts";
import {
  cancelledError,
  crashError,
  startError,
  startupCrashError,
  timeoutError,
  type WorkerEndFacts,
} from "./end-errors.ts";
import { Link } from "./link.ts";
import { LogBuffer } from "./logs.ts";
import { Outbox } from "./outbox.ts";
import { type SpawnedWorker, spawnWorker } from "./spawn-worker.ts";

import { WorkerProcess } from "./worker-process.ts";

const CANCEL_GRACE_MS = 5_000;
const EXIT_HOOKS_GRACE_MS = 30_000;
const STATS_MS = 3_000;
/** An idle worker that ends by itself this often in a row, without one output in between, will not do better. */
const MAX_IDLE_DEATHS = 3;
const TOLD_LINES = 10;

export interface AgentDependencies {
  configuration: AgentConfiguration;
  environment: NodeJS.ProcessEnv;
  /** Ends this process; nothing of the agent runs after it. */
  exit: (status: number) => void;
}

export class Agent {
  readonly #deps: AgentDependencies;
  readonly #link: Link;
  readonly #outbox = new Outbox();
  readonly #logs = new LogBuffer();
  /** Frames that wait for the link. What a cut swallows of them, the next `hello` says by what it does not list. */
  #notices: AgentFrame[] = [];
  #attempts = new Attempts({ timeoutMs: 0 });
  #assignment: Assignment | undefined;
  #modulePath: string | undefined;
  #timings: StartTimings = { bootMs: 0, fetchMs: 0, importMs: 0, enterMs: 0 };
  #worker: WorkerProcess;
  #workerState: "booting" | "loading" | "loaded" | "exiting" | "ended" = "booting";
  #workerStartedAtMs = nowMs();
  /** Inputs that came before the worker was loaded. */
  #unsent: InputItem[] = [];
  #crash: ErrorData | null = null;
  #killed: { for: WorkerEndFacts["killedFor"]; atMs: number } | undefined;
  #printed: string[] = [];
  #idleDeaths = 0;
  #draining = false;
  /** Nothing runs here any more; what is left is to be heard. */
  #finishing: { status: number; lastFrame: AgentFrame } | undefined;
  #deadline: { timer: NodeJS.Timeout; atMs: number } | undefined;
  #loadTimer: NodeJS.Timeout | undefined;
  #orphanTimer: NodeJS.Timeout | undefined;
  #stats: { cpuMs: number; atMs: number } | undefined;

  constructor(deps: AgentDependencies, firstWorker: SpawnedWorker) {
    this.#deps = deps;
    const { linkUrl, containerId, token } = deps.configuration;
    this.#link = new Link(
      { url: `${linkUrl}?container=${containerId}`, token },
      {
        greet: () => this.#greet(),
        take: () => this.#take(),
        received: (frame) => this.#received(frame),
        up: () => this.#linkUp(),
        down: (reason) => this.#linkDown(reason),
      },
    );
    this.#worker = this.#adoptWorker(firstWorker);
  }

  start(): void {
    this.#awaitOrchestrator();
    this.#link.start();
    setInterval(() => void this.#reportStats(), STATS_MS).unref();
  }

  /** Gives back what has not begun, finishes what has, waits until every output is stored, ends. Safe twice. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    if (this.#workerState === "loaded") {
      const waiting = this.#attempts.waiting();
      if (waiting.length > 0) this.#worker.send({ type: "recall", attempts: waiting });
    } else {
      this.#giveBack(this.#attempts.refs());
    }
    this.#continueDrain();
  }

  /** Ends the worker and this process, whatever is running. */
  end(status: number): void {
    this.#worker.kill();
    this.#deps.exit(status);
  }

  // The link.

  #greet(): AgentFrame {
    this.#outbox.rewind();
    this.#attempts.reportAgain();
    const held = [...this.#attempts.refs(), ...this.#outbox.refs()];
    return {
      type: "hello",
      containerId: this.#deps.configuration.containerId,
      ready: this.#workerState === "loaded",
      held,
    };
  }

  #take(): AgentFrame[] {
    const frames = this.#notices;
    this.#notices = [];
    const started = this.#attempts.takeStarted();
    if (started.length > 0) frames.push({ type: "started", attempts: started });
    const lines = this.#logs.take(nowMs());
    if (lines.length > 0) frames.push({ type: "logs", lines });
    const outputs = this.#outbox.take();
    if (outputs) frames.push({ type: "outputs", ...outputs });
    return frames;
  }

  #notify(frame: AgentFrame): void {
    this.#notices.push(frame);
    this.#link.wake();
  }

  #linkUp(): void {
    clearTimeout(this.#orphanTimer);
    this.#orphanTimer = undefined;
    this.#continueFinish();
  }

  #linkDown(reason: string): void {
    if (!this.#orphanTimer) console.error(`no link to the orchestrator: ${reason}`);
    this.#awaitOrchestrator();
    this.#continueFinish();
  }

  #awaitOrchestrator(): void {
    const { orphanMs } = this.#deps.configuration;
    this.#orphanTimer ??= setTimeout(() => {
      console.error(`no orchestrator for ${formatDuration(orphanMs)}; ending`);
      this.end(1);
    }, orphanMs);
  }

  #received(frame: CommandFrame): void {
    switch (frame.type) {
      case "assign":
        return this.#assign(frame.assignment);
      case "run":
        return this.#run(frame.inputs);
      case "recall":
        return this.#recall(frame.attempts);
      case "cancel":
        return this.#cancel(frame.attempts);
      case "ack":
        this.#outbox.acknowledge(frame.seq);
        return this.#continueFinish();
      case "drain":
        return this.drain();
      default:
        frame satisfies never;
    }
  }

  // The start.

  #assign(assignment: Assignment): void {
    if (this.#assignment) return;
    this.#assignment = assignment;
    this.#timings.bootMs = nowMs() - Math.floor(performance.timeOrigin);
    this.#attempts = new Attempts({ timeoutMs: assignment.timeoutMs });
    this.#loadTimer = setTimeout(() => this.#startTimedOut(), assignment.startupTimeoutMs);
    const { linkUrl, token, cacheDir } = this.#deps.configuration;
    const baseUrl = new URL("/bundles/", linkUrl.replace(/^ws/, "http")).href;
    const askedAtMs = nowMs();
    bundleModule(assignment.bundleHash, { baseUrl, token, cacheDir }).then(
      (modulePath) => {
        this.#timings.fetchMs = nowMs() - askedAtMs;
        this.#modulePath = modulePath;
        this.#load();
      },
      (error: unknown) => this.#failStart(startError(error)),
    );
  }

  #load(): void {
    if (!this.#assignment || !this.#modulePath || this.#workerState !== "booting") return;
    const { functionName, maxInputs, environment, appName, env, memoryMiB } = this.#assignment;
    this.#workerState = "loading";
    const bundlePath = this.#modulePath;
    this.#worker.send({ type: "load", bundlePath, functionName, slots: maxInputs, environment, appName, env });
    const worker = this.#worker;
    setImmediate(() => worker.watch(memoryMiB));
  }

  #loaded({ importMs, enterMs }: { importMs: number; enterMs: number }): void {
    if (!this.#assignment || this.#workerState !== "loading") return;
    clearTimeout(this.#loadTimer);
    this.#workerState = "loaded";
    const slots = this.#assignment.maxInputs;
    this.#notify({ type: "ready", slots, timings: { ...this.#timings, importMs, enterMs } });
    if (this.#unsent.length > 0) this.#worker.send({ type: "run", inputs: this.#unsent });
    this.#unsent = [];
    this.#attempts.open(slots, nowMs());
    this.#watchDeadlines();
  }

  #startTimedOut(): void {
    const limitMs = this.#assignment?.startupTimeoutMs ?? 0;
    const stage = this.#modulePath ? "importing the code" : "fetching the code and its packages";
    const message = `the container was not ready within its startupTimeout of ${formatDuration(limitMs)}; it was still ${stage}`;
    this.#failStart(errorData(new StartupError(message)));
  }

  #failStart(error: ErrorData): void {
    if (this.#finishing) return;
    this.#giveBack(this.#attempts.refs());
    this.#worker.kill();
    console.error(`start failed: ${error.message}`);
    this.#finish(1, { type: "startFailed", error: { ...error, code: "STARTUP" } });
  }

  // Inputs.

  #run(inputs: InputItem[]): void {
    if (this.#draining || this.#finishing) {
      return this.#notify({ type: "returned", attempts: inputs.map(refOf) });
    }
    const fresh = inputs.filter((input) => !this.#attempts.holds(refOf(input)));
    if (fresh.length === 0) return;
    const atMs = nowMs();
    for (const input of fresh) this.#attempts.add(refOf(input), atMs);
    if (this.#workerState === "loaded") this.#worker.send({ type: "run", inputs: fresh });
    else this.#unsent.push(...fresh);
    this.#watchDeadlines();
    this.#link.wake();
  }

  #recall(attempts: AttemptRef[]): void {
    if (this.#workerState === "loaded") this.#worker.send({ type: "recall", attempts });
    else this.#giveBack(attempts.filter((ref) => this.#attempts.holds(ref)));
  }

  #cancel(attempts: AttemptRef[]): void {
    const held = attempts.filter((ref) => this.#attempts.holds(ref));
    if (this.#workerState === "loaded") {
      this.#attempts.cancel(held, CANCEL_GRACE_MS, nowMs());
      this.#worker.send({ type: "cancel", attempts: held });
      return this.#watchDeadlines();
    }
    const cancelledAtMs = nowMs();
    for (const ref of held) {
      this.#endAttempt(OUTPUT_STATUS.cancelled, cancelledError(), { ref, begunAtMs: cancelledAtMs });
    }
    this.#unsent = this.#unsent.filter((input) => this.#attempts.holds(refOf(input)));
  }

  /** None of these has begun. */
  #giveBack(attempts: AttemptRef[]): void {
    const atMs = nowMs();
    for (const ref of attempts) this.#attempts.remove(ref, atMs);
    this.#unsent = this.#unsent.filter((input) => this.#attempts.holds(refOf(input)));
    if (attempts.length > 0) this.#notify({ type: "returned", attempts });
  }

  #endAttempt(status: 1 | 2, error: ErrorData, { ref, begunAtMs }: EndedAttempt): void {
    const endedAtMs = nowMs();
    this.#attempts.remove(ref, endedAtMs);
    this.#outbox.add([...ref, status, encodeValue(error), begunAtMs, endedAtMs]);
    this.#link.wake();
  }

  /** One timer at most, for the earliest deadline; it is not moved when an input ends in time, which most do. */
  #watchDeadlines(): void {
    const nextMs = this.#attempts.nextDeadlineMs();
    if (nextMs === null || (this.#deadline && this.#deadline.atMs <= nextMs)) return;
    clearTimeout(this.#deadline?.timer);
    const timer = setTimeout(() => this.#deadlinePassed(), Math.max(0, nextMs - nowMs()));
    this.#deadline = { timer, atMs: nextMs };
  }

  #deadlinePassed(): void {
    this.#deadline = undefined;
    const nextMs = this.#attempts.nextDeadlineMs();
    if (nextMs === null) return;
    if (nextMs > nowMs()) return this.#watchDeadlines();
    this.#killed = { for: this.#attempts.isOverdueByCancel(nowMs()) ? "cancel" : "timeout", atMs: nowMs() };
    this.#worker.kill();
  }

  // The worker.

  #adoptWorker(spawned: SpawnedWorker): WorkerProcess {
    this.#workerState = "booting";
    this.#workerStartedAtMs = nowMs();
    return new WorkerProcess(spawned, {
      frames: (frames) => {
        for (const frame of frames) this.#heard(frame);
      },
      printed: (stream, lines) => {
        this.#keepPrinted(lines);
        this.#log(lines.map((line) => [nowMs(), stream, null, null, line]));
      },
      ended: (end) => this.#workerEnded({ ...end, crash: this.#crash, killedFor: this.#killed?.for ?? null }),
    });
  }

  #heard(frame: WorkerFrame): void {
    switch (frame.type) {
      case "loaded":
        return this.#loaded(frame);
      case "loadFailed":
        return this.#failStart(frame.error);
      case "outputs": {
        const atMs = nowMs();
        for (const output of frame.outputs) {
          if (this.#attempts.remove(refOf(output), atMs)) this.#outbox.add(output);
        }
        this.#idleDeaths = 0;
        if (!this.#deadline) this.#watchDeadlines();
        this.#link.wake();
        return this.#continueDrain();
      }
      case "returned": {
        const atMs = nowMs();
        const attempts = frame.attempts.filter((ref) => this.#attempts.remove(ref, atMs));
        if (attempts.length > 0) this.#notify({ type: "returned", attempts });
        return this.#continueDrain();
      }
      case "logs":
        if (this.#workerState === "loading") this.#keepPrinted(frame.lines.map((line) => line[4]));
        return this.#log(frame.lines);
      case "crashed":
        this.#crash = frame.error;
        return;
      default:
        frame satisfies never;
    }
  }

  /** The last words before a death. */
  #keepPrinted(lines: readonly string[]): void {
    this.#printed = [...this.#printed, ...lines].slice(-TOLD_LINES);
  }

  #log(lines: readonly LogItem[]): void {
    const atMs = nowMs();
    for (const line of lines) this.#logs.add(line, atMs);
    this.#link.wake();
  }

  #workerEnded(end: WorkerEndFacts): void {
    const before = this.#workerState;
    this.#workerState = "ended";
    clearTimeout(this.#deadline?.timer);
    this.#deadline = undefined;
    this.#stats = undefined;
    this.#unsent = [];
    const wasIdle = !this.#attempts.hasBegun();
    this.#answerFor(this.#attempts.workerEnded(this.#killed?.atMs ?? nowMs()), end);
    if (this.#finishing) return;
    if (this.#draining) return this.#continueDrain();
    if (before === "booting" || before === "loading") return this.#failStart(startupCrashError(end, this.#printed));
    this.#idleDeaths = wasIdle ? this.#idleDeaths + 1 : 0;
    const error = crashError(end);
    this.#log([[nowMs(), "system", null, null, `${error.message} (a new worker is started)`]]);
    if (this.#idleDeaths >= MAX_IDLE_DEATHS) return this.#failStart(error);
    this.#replaceWorker();
  }

  #answerFor({ timedOut, cancelled, lost, returned }: ReturnType<Attempts["workerEnded"]>, end: WorkerEndFacts): void {
    const timeoutMs = this.#assignment?.timeoutMs ?? 0;
    for (const attempt of timedOut) this.#endAttempt(OUTPUT_STATUS.failed, timeoutError(timeoutMs), attempt);
    for (const attempt of cancelled) this.#endAttempt(OUTPUT_STATUS.cancelled, cancelledError(), attempt);
    if (lost.length > 0) this.#notify({ type: "lost", attempts: lost, error: crashError(end) });
    if (returned.length > 0) this.#notify({ type: "returned", attempts: returned });
  }

  #replaceWorker(): void {
    this.#crash = null;
    this.#killed = undefined;
    this.#printed = [];
    this.#worker = this.#adoptWorker(spawnWorker(this.#deps.environment));
    this.#timings = { bootMs: 0, fetchMs: 0, importMs: 0, enterMs: 0 };
    this.#loadTimer = setTimeout(() => this.#startTimedOut(), this.#assignment?.startupTimeoutMs ?? 0);
    this.#load();
  }

  // The end.

  #continueDrain(): void {
    if (!this.#draining || this.#finishing || this.#attempts.size > 0) return;
    if (this.#workerState === "loaded") {
      this.#workerState = "exiting";
      this.#worker.send({ type: "exit" });
      const worker = this.#worker;
      setTimeout(() => worker.kill(), EXIT_HOOKS_GRACE_MS).unref();
    } else if (this.#workerState === "booting" || this.#workerState === "loading") {
      this.#workerState = "exiting";
      this.#worker.kill();
    }
    if (this.#workerState === "ended") this.#finish(0, { type: "drained" });
  }

  #finish(status: number, lastFrame: AgentFrame): void {
    this.#finishing = { status, lastFrame };
    clearTimeout(this.#loadTimer);
    this.#continueFinish();
  }

  /**
   * Ends this process once every output is stored and the last frame was received. A failure waits for an orchestrator
   * to tell it to, as long as an orphan may; a drained agent that has nothing to tell does not.
   */
  #continueFinish(): void {
    if (!this.#finishing || this.#outbox.size > 0) return;
    const { status, lastFrame } = this.#finishing;
    if (!this.#link.isOpen) {
      if (status === 0) this.end(0);
      return;
    }
    this.#notify(lastFrame);
    void this.#link.stop().then(() => this.end(status));
  }

  async #reportStats(): Promise<void> {
    const usage = await this.#worker.usage();
    if (!usage || !this.#link.isOpen || this.#finishing) return;
    const atMs = nowMs();
    const since = this.#stats ?? { cpuMs: 0, atMs: this.#workerStartedAtMs };
    const cpuPercent = Math.max(0, (100 * (usage.cpuMs - since.cpuMs)) / Math.max(1, atMs - since.atMs));
    this.#stats = { cpuMs: usage.cpuMs, atMs };
    this.#notify({ type: "stats", cpuPercent, memoryBytes: usage.treeRssBytes });
  }
}

function refOf(item: readonly [string, number, number, ...unknown[]]): AttemptRef {
  return [item[0], item[1], item[2]];
}
