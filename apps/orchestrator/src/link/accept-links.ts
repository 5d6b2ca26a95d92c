/** Turns an upgraded HTTP request, whose token has been checked, into a served link. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { newId } from "@bellows/protocol/ids";
import { WebSocketServer } from "ws";
import type { Principal } from "../catalog/principal.ts";
import type { StandbyPool } from "../engine/standby-pool.ts";
import { type AgentLinkDeps, serveAgent } from "./agent-link.ts";
import { type ClientLinkDeps, serveClient } from "./client-link.ts";
import { CLOSE_UNKNOWN } from "./frame-socket.ts";
import { serveStandby } from "./standby-link.ts";

/** A message holds the frames of one turn; far above any sane one, below what would take the process down. */
const MESSAGE_BYTES = 256 * 1024 * 1024;

/** The close code for a peer that is to come back in a moment. RFC 6455, registry of close codes. */
const CLOSE_TRY_AGAIN = 1013;

type LinkDeps = ClientLinkDeps & AgentLinkDeps & { standby: StandbyPool };

type Accept = (request: IncomingMessage, socket: Duplex, head: Buffer, principal: Principal) => void;

export interface LinkAcceptor {
  client: Accept;
  /** The principal's own container; whatever else the request says is not believed. */
  agent: Accept;
  /** Cuts the clients' links. They come back, and send again and ask again for what they still wait for. */
  cutClients(): void;
  /** Cuts every link; the other ends come back to the next orchestrator. */
  close(): void;
}

export function acceptLinks({ standby, ...deps }: LinkDeps): LinkAcceptor {
  const options = { noServer: true, perMessageDeflate: false, maxPayload: MESSAGE_BYTES };
  const clients = new WebSocketServer(options);
  const agents = new WebSocketServer(options);
  return {
    client(request, socket, head, principal) {
      const linkId = newId(deps.now());
      clients.handleUpgrade(request, socket, head, (webSocket) => {
        if (principal.kind === "user") return serveClient(webSocket, { linkId, principal, scope: null }, deps);
        const scope = deps.engines.environmentOf(principal.containerId);
        if (scope !== undefined) return serveClient(webSocket, { linkId, principal, scope }, deps);
        // During a start its engine may not have been made yet.
        webSocket.close(CLOSE_TRY_AGAIN, "the engine of this container is not there yet");
      });
    },
    agent(request, socket, head, principal) {
      agents.handleUpgrade(request, socket, head, (webSocket) => {
        const containerId = principal.kind === "container" ? principal.containerId : "";
        const serve = (): void => {
          const found = deps.engines.container(containerId);
          if (found) serveAgent(webSocket, found.engine, found.entry, deps);
          else webSocket.close(CLOSE_UNKNOWN, "no engine knows this container");
        };
        if (standby.has(containerId)) serveStandby(webSocket, containerId, { standby, serve, log: deps.log });
        else serve();
      });
    },
    cutClients: () => cut(clients),
    close() {
      for (const server of [clients, agents]) {
        cut(server);
        server.close();
      }
    },
  };
}

function cut(server: WebSocketServer): void {
  for (const link of server.clients) link.terminate();
}
