/**
 * The one port of the orchestrator: the API, bundles, readiness and the links. Every request and every upgrade is
 * authenticated here, before anything else sees it. Holds no state of its own; clients and agents reconnect.
 */
import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ConflictError, InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Principal } from "../catalog/principal.ts";
import type { TokenVerifier } from "../catalog/tokens.ts";
import { reachableHost } from "../config.ts";
import type { Logger } from "../telemetry/logger.ts";
import { appRouter } from "./app-router.ts";
import { serveArchive, serveBundle } from "./bundle-routes.ts";
import { callerOf } from "./caller.ts";
import type { ApiContext } from "./context.ts";
import { presentable, trpcError } from "./errors.ts";
import { refuseUpgrade, sendError, sendJson } from "./http-responses.ts";
import { requireContainer, requireLinkClient } from "./permissions.ts";
import type { Verbs } from "./verbs.ts";

/** Takes over an upgrade whose sender is known: `principal` may open this link. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, principal: Principal) => void;

export interface HttpServerDeps {
  host: string;
  /** 0: any free one. */
  port: number;
  /** A Unix socket to listen on as well, for containers that have no way to the port; null when there are none. */
  socketPath: string | null;
  db: NodePgDatabase;
  tokens: Pick<TokenVerifier, "verify">;
  verbs: Verbs;
  /** Whether `GET /healthz` answers 200. */
  isReady: () => boolean;
  clientLink: UpgradeHandler;
  agentLink: UpgradeHandler;
  now: () => number;
  log: Logger;
}

export interface HttpServer {
  /** @throws ConflictError when the port is taken; InvalidError when the address cannot be listened on. */
  start(): Promise<void>;
  /** Refuses new requests, ends those that have not been answered within a second, and every link. */
  stop(): Promise<void>;
  /** Where it listens; with the port it got when 0 was asked for. */
  readonly url: string;
}

/** One value of 16 MiB as JSON, and what goes with it. */
const API_BODY_BYTES = 2 * LIMITS.valueBytes;
const STOP_GRACE_MS = 1_000;
const CONTENT_PATH = /^\/(bundles|archives)\/([0-9a-f]{64})$/;
const ROUTES =
  "GET /healthz, /trpc/<procedure>, PUT and GET /bundles/<sha256>, and the links /link/client and /link/agent";

export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { log } = deps;
  const sockets = new Set<Socket>();
  const server = serve();
  const containers = serve();

  function serve(): Server {
    const made = createServer((request, response) => {
      handle(deps, request, response).catch((error: unknown) => sendError(response, error, log));
    });
    made.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    made.on("upgrade", (request, socket, head) => {
      // A peer that leaves during the look-up of its token must not end the process.
      socket.on("error", () => socket.destroy());
      upgrade(deps, request, socket, head).catch((error: unknown) => refuseUpgrade(socket, error, log));
    });
    return made;
  }

  let boundPort = deps.port;
  return {
    get url() {
      return `http://${reachableHost(deps.host)}:${boundPort}`;
    },
    async start() {
      if (server.listening) return;
      boundPort = await listen(server, deps);
      if (deps.socketPath !== null) await listenOnSocket(containers, deps.socketPath);
    },
    async stop() {
      if (!server.listening) return;
      const closed = Promise.all([server, containers].map(ended));
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, STOP_GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function handle(deps: HttpServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = urlOf(request);
  if (pathname === "/healthz") {
    const ready = deps.isReady();
    return sendJson(response, ready ? 200 : 503, { status: ready ? "ready" : "starting" });
  }
  if (pathname.startsWith("/trpc/")) return serveTrpc(deps, request, response, pathname.slice("/trpc/".length));
  const [, kind, hash] = CONTENT_PATH.exec(pathname) ?? [];
  if (hash) {
    const serve = kind === "bundles" ? serveBundle : serveArchive;
    const caller = await callerOf(request, deps.tokens);
    return serve({ ...deps, codeOf: deps.verbs.codeOf }, { request, response, hash, caller });
  }
  throw new NotFoundError(
    `there is nothing at ${request.method} ${pathname}; this is the orchestrator, which serves ${ROUTES}. The console has a port of its own`,
  );
}

function serveTrpc(
  deps: HttpServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  return nodeHTTPRequestHandler({
    req: request,
    res: response,
    path,
    router: appRouter,
    maxBodySize: API_BODY_BYTES,
    async createContext(): Promise<ApiContext> {
      try {
        return { caller: await callerOf(request, deps.tokens), verbs: deps.verbs, logger: deps.log };
      } catch (error) {
        throw trpcError(presentable(error, deps.log));
      }
    },
  });
}

async function upgrade(deps: HttpServerDeps, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const { pathname, searchParams } = urlOf(request);
  const caller = await callerOf(request, deps.tokens);
  switch (pathname) {
    case "/link/client":
      return deps.clientLink(request, socket, head, requireLinkClient(caller));
    case "/link/agent":
      return deps.agentLink(request, socket, head, requireContainer(caller, searchParams.get("container")));
    default:
      throw new NotFoundError(`there is no link at ${pathname}; there are /link/client and /link/agent`);
  }
}

/** @throws InvalidError */
function urlOf(request: IncomingMessage): URL {
  const text = request.url ?? "/";
  if (!URL.canParse(text, "http://orchestrator")) throw new InvalidError(`${JSON.stringify(text)} is not a path`);
  return new URL(text, "http://orchestrator");
}

function listen(server: Server, { host, port }: HttpServerDeps): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port));
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

/** Whoever holds the state folder owns the socket: one that is there was left by a process that was killed. */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // The containers' user is nobody here.
  await chmod(path, 0o666);
}

function ended(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  return closed;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new ConflictError(`port ${port} is taken by another program; stop it, or set BELLOWS_PORT to a free port`);
    case "EACCES":
      return new InvalidError(`port ${port} needs rights this user does not have; set BELLOWS_PORT to one above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new InvalidError(`${host} is not an address of this machine; correct BELLOWS_HOST`);
    default:
      return error;
  }
}
