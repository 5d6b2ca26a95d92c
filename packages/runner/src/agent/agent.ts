/**
 * The agent of one container: it stands between the orchestrator (`link`) and the user's code (`code`), holds the inputs
 * (`inputs`) and what is to be told of them (`outgoing`), and decides when this container's life is over. Everything it
 * holds survives a cut link and the death of a worker.
 */
import { join } from "node:path";
import type { AgentFrame, Assignment, CommandFrame } from "@bellows/protocol/agent-frames";
import { SDK_MODULE } from "@bellows/protocol/bundles";
import { formatDuration } from "@bellows/protocol/duration";
import type { ErrorData } from "@bellows/protocol/errors";
import { refsOf } from "@bellows/protocol/frame-parts";
import { HOST_STOP_INPUTS_MS, type WorkerFrame } from "@bellows/protocol/worker-frames";
import { bundleModule, fileOfBundle } from "./bundle-cache.ts";
import { startCacheUpkeep } from "./cache-upkeep.ts";
import { nowMs } from "./clock.ts";
import { CodeHost } from "./code-host.ts";
import type { AgentConfiguration } from "./configuration.ts";
import { crashError, type WorkerEndFacts } from "./end-errors.ts";
import { Inputs } from "./inputs.ts";
import { Link } from "./link.ts";
import { maskOf } from "./mask.ts";
import { Outgoing } from "./outgoing.ts";
import type { SpawnedWorker } from "./spawn-worker.ts";
import { warmUp } from "./warm-up.ts";

const STATS_MS = 3_000;
/** An idle worker that ends by itself this often in a row, without one output in between, will not do better. */
const MAX_IDLE_DEATHS = 3;
/** Whoever has no function by then is kept ready: an agent that is started for one has it a few milliseconds after. */
const KEPT_READY_AFTER_MS = 150;

export interface AgentDependencies {
  configuration: AgentConfiguration;
  environment: NodeJS.ProcessEnv;
  /** Where bundles are, and where the code in this container calls other functions: `http://host:port`. */
  apiUrl: string;
  /** Ends this process; nothing of the agent runs after it. */
  exit: (status: number) => void;
}

export class Agent {
  readonly #deps: AgentDependencies;
  readonly #link: Link;
  readonly #code: CodeHost;
  readonly #outgoing: Outgoing;
  readonly #inputs: Inputs;
  #assignment: Assignment | undefined;
  #idleDeaths = 0;
  #draining = false;
  /** Nothing runs here any more; what is left is to be heard. */
  #finishing: { status: number; lastFrame: AgentFrame } | undefined;
  #leaving = false;
  #orphanTimer: NodeJS.Timeout | undefined;
  #keptReadyTimer: NodeJS.Timeout | undefined;

  constructor(deps: AgentDependencies, firstWorker: SpawnedWorker) {
    this.#deps = deps;
    const { linkUrl, containerId, token } = deps.configuration;
    this.#link = new Link(
      { url: `${linkUrl}?container=${containerId}`, token },
      {
        greet: () => this.#greet(),
        take: () => this.#outgoing.take(this.#inputs.takeStarted()),
        received: (frame) => this.#received(frame),
        up: () => this.#linkUp(),
        down: (reason) => this.#linkDown(reason),
      },
    );
    this.#outgoing = new Outgoing(this.#link);
    this.#code = new CodeHost(deps.environment, firstWorker, {
      loaded: (timings) => {
        this.#outgoing.notify({ type: "ready", slots: this.#assignment?.maxInputs ?? 1, timings });
        this.#inputs.codeLoaded();
      },
      failed: (error) => this.#failStart(error),
      frame: (frame) => this.#answered(frame),
      logged: (lines) => this.#outgoing.log(lines),
      ended: (end, atMs) => this.#codeEnded(end, atMs),
    });
    this.#inputs = new Inputs(this.#outgoing, this.#code);
  }

  start(): void {
    this.#awaitOrchestrator();
    this.#link.start();
    const sdkPath = this.#sdkPath;
    if (sdkPath !== null) this.#code.preload(sdkPath);
    setInterval(() => void this.#reportStats(), STATS_MS).unref();
  }

  /**
   * The host wants this container to end. The orchestrator has to know, or it would hand out again what comes back.
   * What has not finished in time is lost, which costs it no attempt; the exit hooks have their own time after that.
   */
  drainForHost(): void {
    if (!this.#draining) this.#outgoing.notify({ type: "draining" });
    this.drain();
    setTimeout(() => this.#code.exit(), HOST_STOP_INPUTS_MS).unref();
  }

  /** Gives back what has not begun, finishes what has, waits until every output is stored, ends. Safe twice. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#inputs.recallWaiting();
    this.#continueDrain();
  }

  /** Ends the worker and this process, whatever is running. */
  end(status: number): void {
    this.#code.kill(null);
    this.#deps.exit(status);
  }

  get #sdkPath(): string | null {
    const { ownSdkDir } = this.#deps.configuration;
    return ownSdkDir === null ? null : join(ownSdkDir, SDK_MODULE);
  }

  // The link.

  #greet(): AgentFrame {
    this.#keptReadyTimer ??= setTimeout(() => this.#prepare(), KEPT_READY_AFTER_MS).unref();
    this.#outgoing.rewind();
    this.#inputs.reportAgain();
    const { containerId } = this.#deps.configuration;
    const held = [...this.#inputs.refs(), ...this.#outgoing.refs()];
    return { type: "hello", containerId, ready: this.#code.isLoaded, draining: this.#draining, held };
  }

  #linkUp(): void {
    clearTimeout(this.#orphanTimer);
    this.#orphanTimer = undefined;
    this.#continueFinish();
  }

  /** There is time now for what a start would otherwise wait for. */
  #prepare(): void {
    if (this.#assignment || this.#draining) return;
    const { apiUrl, configuration } = this.#deps;
    this.#code.prepare(this.#sdkPath);
    warmUp({ apiUrl, ...configuration }).catch(() => {});
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
        if (!this.#draining && !this.#finishing) return this.#inputs.run(frame.inputs);
        return this.#outgoing.notify({ type: "returned", attempts: refsOf(frame.inputs) });
      case "recall":
        return this.#inputs.recall(frame.attempts);
      case "cancel":
        return this.#inputs.cancel(frame.attempts);
      case "take":
        return this.#inputs.take(frame);
      case "ack":
        this.#outgoing.acknowledge(frame.seq);
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
    this.#inputs.assign(assignment);
    this.#outgoing.mask(maskOf(Object.values(assignment.secrets)));
    const { apiUrl } = this.#deps;
    const { token, socketPath, cacheDir, packagesDir, imagePackages, ownSdkDir } = this.#deps.configuration;
    const source = {
      baseUrl: `${apiUrl}/bundles/`,
      token,
      socketPath,
      cacheDir,
      packagesDir,
      imagePackages,
      ownSdkDir,
    };
    this.#code.start(assignment, { url: apiUrl, token }, async (delayed) => {
      const modulePath = await bundleModule(assignment.bundleHash, { ...source, delayed });
      startCacheUpkeep(cacheDir, modulePath);
      return assignment.python ? fileOfBundle(modulePath, assignment.python.file) : modulePath;
    });
  }

  // The code.

  #answered(frame: Extract<WorkerFrame, { type: "outputs" | "yields" | "returned" }>): void {
    if (frame.type === "outputs") this.#idleDeaths = 0;
    this.#inputs.answered(frame);
    this.#continueDrain();
  }

  #codeEnded(end: WorkerEndFacts, atMs: number): void {
    const wasIdle = !this.#inputs.workerEnded(end, atMs);
    if (this.#finishing) return;
    if (this.#draining) return this.#continueDrain();
    this.#idleDeaths = wasIdle ? this.#idleDeaths + 1 : 0;
    const error = crashError(end);
    if (this.#idleDeaths >= MAX_IDLE_DEATHS) return this.#failStart(error);
    this.#outgoing.log([[nowMs(), "system", null, null, `${error.message} (a new worker is started)`]]);
    this.#code.restart();
  }

  async #reportStats(): Promise<void> {
    const usage = await this.#code.usage();
    if (usage && this.#link.isOpen && !this.#finishing) this.#outgoing.notify({ type: "stats", ...usage });
  }

  // The end.

  #failStart(error: ErrorData): void {
    if (this.#finishing) return;
    console.error(`start failed: ${error.message}`);
    this.#inputs.giveBackAll();
    this.#finish(1, { type: "startFailed", error: { ...error, code: "STARTUP" } });
  }

  #continueDrain(): void {
    if (!this.#draining || this.#finishing || this.#inputs.size > 0) return;
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
    if (!this.#finishing || !this.#outgoing.isStored || this.#leaving) return;
    const { status, lastFrame } = this.#finishing;
    if (!this.#link.isOpen) {
      if (status === 0) this.end(0);
      return;
    }
    this.#leaving = true;
    this.#outgoing.notify(lastFrame);
    void this.#link.stop().then(() => this.end(status));
  }
}
