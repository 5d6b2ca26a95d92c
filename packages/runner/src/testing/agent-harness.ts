/** Agents as real processes on a `LinkServer`, for tests. `stop` ends whatever a test has left running. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Assignment } from "@bellows/protocol/agent-frames";
import { newId } from "@bellows/protocol/ids";
import { buildRunner } from "./built-runner.ts";
import { type LinkedAgent, LinkServer } from "./link-server.ts";

export interface StartedAgent {
  process: ChildProcess;
  agent: LinkedAgent;
  /** Resolves with the exit status, or the signal. */
  exited: Promise<number | string>;
  /** What the agent itself printed. */
  printed: () => string;
}

export class AgentHarness {
  readonly server = new LinkServer();
  readonly folder = mkdtempSync(join(tmpdir(), "bellows-runner-"));
  readonly cacheDir = join(this.folder, "cache");
  #agentPath = "";
  readonly #started: ChildProcess[] = [];

  async start(): Promise<void> {
    this.#agentPath = buildRunner(join(this.folder, "dist")).agentPath;
    await this.server.start();
  }

  async stop(): Promise<void> {
    for (const child of this.#started) child.kill("SIGKILL");
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** An agent told to run this bundle. */
  launch(assignment: Partial<Assignment> & { bundleHash: string }, env: Record<string, string> = {}): StartedAgent {
    const containerId = newId();
    this.server.assign(containerId, assignment);
    return this.#spawn(containerId, env);
  }

  /** An agent that is told nothing, as one that is kept ready. */
  launchUnassigned(env: Record<string, string> = {}): StartedAgent {
    return this.#spawn(newId(), env);
  }

  /** An agent that runs the function of this module and is ready. */
  async ready(
    code: string,
    assignment: Partial<Assignment> = {},
    env: Record<string, string> = {},
  ): Promise<StartedAgent> {
    return await this.started({ bundleHash: this.server.addBundle(code), ...assignment }, env);
  }

  /** An agent that runs this bundle and is ready. @throws Error with what made its start fail. */
  async started(
    assignment: Partial<Assignment> & { bundleHash: string },
    env: Record<string, string> = {},
  ): Promise<StartedAgent> {
    const started = this.launch(assignment, env);
    const frame = await started.agent.until(
      () => started.agent.framesOf("ready")[0] ?? started.agent.framesOf("startFailed")[0],
    );
    if (frame.type === "startFailed") throw new Error(frame.error.message);
    return started;
  }

  #spawn(containerId: string, env: Record<string, string>): StartedAgent {
    const agent = this.server.agent(containerId);
    const child = spawn(process.execPath, [this.#agentPath], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        BELLOWS_LINK_URL: this.server.linkUrl,
        BELLOWS_CONTAINER_ID: containerId,
        BELLOWS_CONTAINER_TOKEN: `token-of-${containerId}`,
        BELLOWS_CACHE_DIR: this.cacheDir,
        ...env,
      },
    });
    this.#started.push(child);
    let printed = "";
    child.stdout.on("data", (piece: Buffer) => {
      printed += piece.toString();
    });
    child.stderr.on("data", (piece: Buffer) => {
      printed += piece.toString();
    });
    const exited = new Promise<number | string>((resolve) => {
      child.once("exit", (code, signal) => resolve(code ?? signal ?? "ended"));
    });
    return { process: child, agent, exited, printed: () => printed };
  }
}
