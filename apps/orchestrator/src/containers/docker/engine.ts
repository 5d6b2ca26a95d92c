/**
 * The Docker engine: where it is, whether it answers, and what its refusals mean. Every request to it goes through
 * `asked`, so that an engine that is not there, a full disk or a missing image is one sentence that says what to do.
 */
import { existsSync } from "node:fs";
import { Agent } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { BellowsError, ConflictError, StartupError } from "@bellows/protocol/errors";
import Docker from "dockerode";

export interface EngineAddress {
  socketPath: string;
  /** For people. */
  text: string;
}

/** Where engines listen when nobody says otherwise: the system's own, Docker Desktop's, a rootless one's. */
function knownSockets(environment: Record<string, string | undefined>): string[] {
  const runtimeDir = environment.XDG_RUNTIME_DIR;
  return [
    "/var/run/docker.sock",
    join(homedir(), ".docker", "run", "docker.sock"),
    ...(runtimeDir ? [join(runtimeDir, "docker.sock")] : []),
  ];
}

/**
 * Only a socket of this host's: containers reach the orchestrator through a folder of its, which an engine elsewhere
 * has not got. @throws StartupError
 */
export function engineAddress(environment: Record<string, string | undefined>): EngineAddress {
  const host = environment.DOCKER_HOST;
  if (host) return { text: `DOCKER_HOST=${host}`, socketPath: socketOf(host) };
  const sockets = knownSockets(environment);
  const socketPath = sockets.find((path) => existsSync(path)) ?? sockets[0] ?? "";
  return { socketPath, text: socketPath };
}

function socketOf(host: string): string {
  const prefix = "unix://";
  if (host.startsWith(prefix)) return host.slice(prefix.length);
  throw new StartupError(
    `DOCKER_HOST=${host} is no socket of this host, and the containers of an engine elsewhere could not reach the ` +
      "orchestrator; set it to unix:// and the path of a socket, or set BELLOWS_DRIVER=process",
  );
}

interface EngineOptions extends Docker.DockerOptions {
  agent: Agent;
}

/** A request that hears nothing for `patienceMs` fails; without it, it waits. */
export function openEngine({ socketPath }: EngineAddress, { patienceMs }: { patienceMs?: number } = {}): Docker {
  // A connection for each request: one that is kept is found closed only by the request that goes out on it after the engine
  // has come back, and then nobody knows whether the engine has done what it was asked for.
  const options: EngineOptions = {
    socketPath,
    agent: new Agent({ keepAlive: false }),
    ...(patienceMs === undefined ? {} : { timeout: patienceMs }),
  };
  return new Docker(options);
}

/** Runs a request. @throws StartupError or ConflictError saying what the engine has against it. */
export async function asked<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw engineError(what, error);
  }
}

/** Whether the engine says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether what was asked for is so already, or is being done: a container that is gone, stopped or being removed. */
export function isDoneAlready(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || status === 304 || status === 409;
}

/** Whether the engine itself has refused; otherwise it cannot be known whether it has done what it was asked for. */
export function isAnswer(error: unknown): boolean {
  const cause = error instanceof BellowsError ? error.cause : error;
  return statusOf(cause) !== undefined;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : undefined;
}

const UNREACHABLE = new Set(["ECONNREFUSED", "ENOENT", "EACCES", "EPIPE", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT"]);

function engineError(what: string, error: unknown): BellowsError {
  if (error instanceof BellowsError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const startup = (advice: string): StartupError => new StartupError(`${what}: ${advice}`, { cause: error });
  if (code === "EACCES") {
    return startup(`this user may not talk to the Docker engine (${text}); add it to the group "docker", or be root`);
  }
  if (UNREACHABLE.has(code)) {
    return startup(`the Docker engine does not answer (${text}); start it, or set DOCKER_HOST to where it listens`);
  }
  if (/no space left on device/i.test(text)) {
    return startup(`the disk of the Docker engine is full (${text}); \`docker system prune\` frees what nothing uses`);
  }
  if (statusOf(error) === 409 && /already in use/i.test(text)) {
    return new ConflictError(`${what}: there is a container of this name already (${text})`, { cause: error });
  }
  if (statusOf(error) === 404 && /no such image/i.test(text)) {
    return startup(`its image is not there any more (${text}); it is built again at the next start`);
  }
  return startup(`the Docker engine refused: ${text}; see \`docker info\` and the engine's log`);
}
