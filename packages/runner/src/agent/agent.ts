/**
 * The agent of one container: it stands between the orchestrator (`link`) and the user's code (`code`). It forwards
 * inputs and outputs without decoding values, and it alone judges: what has begun, what is overdue, what is lost.
 * Everything it holds survives a cut link and the death of a worker.
 */
import type { AgentFrame, Assignment, CommandFrame } from "@bellows/protocol/agent-frames";
import { formatDuration } from "@bellows/protocol/duration";
import type { ErrorData } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem, LogItem } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { Attempts, type EndedAttempt } from "./attempts.ts";
import { bundleModule } from "./bundle-cache.ts";
import { nowMs } from "./clock.ts";
import { CodeHost } from "./code-host.ts";
import type { AgentConfiguration } from "./configuration.ts";
import { cancelledError, crashError, isBlamedOnInput, timeoutError, type WorkerEndFacts } from "./end-errors.ts";
import { Link } from "./link.ts";
import { LogBuffer } from "./logs.ts";
import { Outbox } from "./outbox.ts";
import type { SpawnedWorker } from "./spawn-worker.ts";

const CANCEL_GRACE_MS = 5_000;
const STATS_MS = 3_000;
/** An idle worker that ends by itself this often in a row, without one output in between, will not do better. */
const MAX_IDLE_DEATHS = 3;

export interface AgentDependencies {
  configuration: AgentConfiguration;
  environment: NodeJS.ProcessEnv;
  /** Ends this process; nothing of the agent runs after it. */
  exit: (status: number) => void;
}

export class Agent {
  readonly #deps: AgentDependencies;
  readonly #link: Link;
  readonly #code: CodeHost;
  readonly #outbox = new Outbox();
  readonly #logs = new LogBuffer();
  #attempts = new Attempts({ timeoutMs: 0 });
  /** Frames that wait for the link. What a cut swallows of them, the next `hello` says by what it does not list. */
  #notices: AgentFrame[] = [];
  #assignment: Assignment | undefined;
  /** Inputs that came before the code was loaded. */
  #unsent: InputItem[] = [];
  #idleDeaths = 0;
  #draining = false;
  /** Nothing runs here any more; what is left is to be heard. */
  #finishing: { status: number; lastFrame: AgentFrame } | undefined;
  #leaving = false;
  #deadline: { timer: NodeJS.Timeout; atMs: number } | undefined;
  #orphanTimer: NodeJS.Timeout | undefined;

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
    this.#code = new CodeHost(deps.environment, firstWorker, {
      loaded: (timings) => {
        this.#notify({ type: "ready", slots: this.#assignment?.maxInputs ?? 1, timings });
        this.#sendUnsent();
      },
      failed: (error) => this.#failStart(error),
      frame: (frame) => this.#answered(frame),
      logged: (lines) => this.#log(lines),
      ended: (end, atMs) => this.#codeEnded(end, atMs),
    });
  }

  start(): void {
    this.#awaitOrchestrator();
    this.#link.start();
    setInterval(() => void this.#reportStats(), STATS_MS).unref();
  }

  /** The host wants this container to end. The orchestrator has to know, or it would hand out again what comes back. */
  drainForHost(): void {
    if (!this.#draining) this.#notify({ type: "draining" });
    this.drain();
  }

  /** Gives back what has not begun, finishes what has, waits until every output is stored, ends. Safe twice. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#recall(this.#attempts.waiting());
    this.#continueDrain();
  }

  /** Ends the worker and this process, whatever is running. */
  end(status: number): void {
    this.#code.kill(null);
    this.#deps.exit(status);
  }

  // The link.

  #greet(): AgentFrame {
    this.#outbox.rewind();
    this.#attempts.reportAgain();
    const { containerId } = this.#deps.configuration;
    const held = [...this.#attempts.refs(), ...this.#outbox.refs()];
    return { type: "hello", containerId, ready: this.#code.isLoaded, draining: this.#draining, held };
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

  #assign(assignment: Assignment): void {
    if (this.#assignment || this.#draining) return;
    this.#assignment = assignment;
    this.#attempts = new Attempts({ timeoutMs: assignment.timeoutMs });
    const { linkUrl, token, cacheDir } = this.#deps.configuration;
    const baseUrl = new URL("/bundles/", linkUrl.replace(/^ws/, "http")).href;
    this.#code.start(assignment, () => bundleModule(assignment.bundleHash, { baseUrl, token, cacheDir }));
  }

  // Inputs.

  #run(inputs: InputItem[]): void {
    if (this.#draining || this.#finishing) return this.#notify({ type: "returned", attempts: inputs.map(refOf) });
    const atMs = nowMs();
    const fresh = inputs.filter((input) => this.#attempts.add(input, atMs));
    if (fresh.length === 0) return;
    if (!this.#code.isLoaded) {
      this.#unsent.push(...fresh);
      return;
    }
    this.#code.send({ type: "run", inputs: fresh });
    this.#watchDeadlines();
    this.#link.wake();
  }

  #sendUnsent(): void {
    if (this.#unsent.length > 0) this.#code.send({ type: "run", inputs: this.#unsent });
    this.#unsent = [];
    this.#attempts.open(this.#assignment?.maxInputs ?? 1, nowMs());
    this.#watchDeadlines();
  }

  #recall(attempts: AttemptRef[]): void {
    if (attempts.length === 0) return;
    if (this.#code.isLoaded) return this.#code.send({ type: "recall", attempts });
    this.#giveBack(attempts.filter((ref) => this.#attempts.holds(ref)));
  }

  #cancel(attempts: AttemptRef[]): void {
    const held = attempts.filter((ref) => this.#attempts.holds(ref));
    const atMs = nowMs();
    if (this.#code.isLoaded) {
      this.#attempts.cancel(held, CANCEL_GRACE_MS, atMs);
      this.#code.send({ type: "cancel", attempts: held });
      return this.#watchDeadlines();
    }
    for (const ref of held) this.#endAttempt(OUTPUT_STATUS.cancelled, cancelledError(), { ref, begunAtMs: atMs });
    this.#unsent = this.#unsent.filter((input) => this.#attempts.holds(input));
  }

  /** None of these has begun. */
  #giveBack(attempts: AttemptRef[]): void {
    const atMs = nowMs();
    for (const ref of attempts) this.#attempts.remove(ref, atMs);
    this.#unsent = this.#unsent.filter((input) => this.#attempts.holds(input));
    if (attempts.length > 0) this.#notify({ type: "returned", attempts });
  }

  #answered(frame: Extract<WorkerFrame, { type: "outputs" | "returned" }>): void {
    const atMs = nowMs();
    if (frame.type === "outputs") {
      this.#idleDeaths = 0;
      for (const output of frame.outputs) if (this.#attempts.remove(output, atMs)) this.#outbox.add(output);
      if (!this.#deadline) this.#watchDeadlines();
      this.#link.wake();
    } else {
      const attempts = frame.attempts.filter((ref) => this.#attempts.remove(ref, atMs));
      if (attempts.length > 0) this.#notify({ type: "returned", attempts });
    }
    this.#continueDrain();
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
    this.#code.kill(this.#attempts.isOverdueByCancel(nowMs()) ? "cancel" : "timeout");
  }

  // The code.

  #log(lines: readonly LogItem[]): void {
    const atMs = nowMs();
    for (const line of lines) this.#logs.add(line, atMs);
    this.#link.wake();
  }

  #codeEnded(end: WorkerEndFacts, atMs: number): void {
    clearTimeout(this.#deadline?.timer);
    this.#deadline = undefined;
    const wasIdle = !this.#attempts.hasBegun();
    this.#answerFor(this.#attempts.workerEnded(atMs), end);
    if (this.#finishing) return;
    if (this.#draining) return this.#continueDrain();
    this.#idleDeaths = wasIdle ? this.#idleDeaths + 1 : 0;
    const error = crashError(end);
    if (this.#idleDeaths >= MAX_IDLE_DEATHS) return this.#failStart(error);
    this.#log([[nowMs(), "system", null, null, `${error.message} (a new worker is started)`]]);
    this.#code.restart();
  }

  #answerFor({ timedOut, cancelled, lost, returned }: ReturnType<Attempts["workerEnded"]>, end: WorkerEndFacts): void {
    const timeoutMs = this.#assignment?.timeoutMs ?? 0;
    for (const attempt of timedOut) this.#endAttempt(OUTPUT_STATUS.failed, timeoutError(timeoutMs), attempt);
    for (const attempt of cancelled) this.#endAttempt(OUTPUT_STATUS.cancelled, cancelledError(), attempt);
    const blamed = isBlamedOnInput(end);
    const innocent = blamed ? [...lost, ...returned] : returned;
    if (lost.length > 0 && !blamed) this.#notify({ type: "lost", attempts: lost, error: crashError(end) });
    if (innocent.length > 0) this.#notify({ type: "returned", attempts: innocent });
  }

  async #reportStats(): Promise<void> {
    const usage = await this.#code.usage();
    if (usage && this.#link.isOpen && !this.#finishing) this.#notify({ type: "stats", ...usage });
  }

  // The end.

  #failStart(error: ErrorData): void {
    if (this.#finishing) return;
    console.error(`start failed: ${error.message}`);
    this.#giveBack(this.#attempts.refs());
    this.#finish(1, { type: "startFailed", error: { ...error, code: "STARTUP" } });
  }

  #continueDrain(): void {
    if (!this.#draining || this.#finishing || this.#attempts.size > 0) return;
    if (this.#code.hasEnded) this.#finish(0, { type: "drained" });
    else this.#code.exit();
  }

  #finish(status: number, lastFrame: AgentFrame): void {
    this.#finishing = { status, lastFrame };
    this.#continueFinish();
  }

  /**
   * Ends this process once every output is stored and the last frame was received. A failure waits for an orchestrator
   * to tell it to, as long as an orphan may; a drained agent that has nothing to tell does not.
   */
  #continueFinish(): void {
    if (!this.#finishing || this.#outbox.size > 0 || this.#leaving) return;
    const { status, lastFrame } = this.#finishing;
    if (!this.#link.isOpen) {
      if (status === 0) this.end(0);
      return;
    }
    this.#leaving = true;
    this.#notify(lastFrame);
    void this.#link.stop().then(() => this.end(status));
  }
}

function refOf(item: readonly [string, number, number, ...unknown[]]): AttemptRef {
  return [item[0], item[1], item[2]];
}
