/**
 * Where calls go: an orchestrator, a token, an environment. Nothing is read, loaded or opened before the first call:
 * a bundle that only defines functions pays for none of it.
 */
import { runtimeContext } from "@bellows/protocol/runtime-context";
import type { ApiClient } from "./api-client.ts";
import type { ClientLink } from "./client-link.ts";
import type { Credentials } from "./credentials.ts";

/** What the verbs need once a connection is in use. */
export interface Wire {
  link: ClientLink;
  payloads: typeof import("./payloads.ts");
}

export class Connection {
  readonly environment: string;
  readonly #findCredentials: () => Promise<Credentials>;
  readonly #firstConnectMs: number | undefined;
  #credentials: Promise<Credentials> | undefined;
  #wire: Wire | undefined;
  #connecting: Promise<Wire> | undefined;
  #api: Promise<ApiClient> | undefined;

  /** `firstConnectMs` is how long a first call waits for an orchestrator that does not answer; a few seconds by default. */
  constructor(environment: string, findCredentials: () => Promise<Credentials>, firstConnectMs?: number) {
    this.environment = environment;
    this.#findCredentials = findCredentials;
    this.#firstConnectMs = firstConnectMs;
  }

  /** Set once `connect` has resolved, so that a warm call waits for nothing. */
  get wire(): Wire | undefined {
    return this.#wire;
  }

  /** @throws AuthError when there are no credentials. The link itself connects with its first call. */
  connect(): Promise<Wire> {
    this.#connecting ??= forgettingFailure(this.#load(), () => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** @throws AuthError when there are no credentials. */
  api(): Promise<ApiClient> {
    this.#api ??= forgettingFailure(this.#loadApi(), () => {
      this.#api = undefined;
    });
    return this.#api;
  }

  /** Calls still waited for fail. Safe twice. */
  async close(): Promise<void> {
    const wire = await this.#connecting?.catch(() => undefined);
    await wire?.link.close();
  }

  async #load(): Promise<Wire> {
    const [credentials, { ClientLink }, payloads] = await Promise.all([
      this.#resolved(),
      import("./client-link.ts"),
      import("./payloads.ts"),
    ]);
    const patience = this.#firstConnectMs === undefined ? {} : { firstConnectMs: this.#firstConnectMs };
    this.#wire = { link: new ClientLink({ ...credentials, ...patience }), payloads };
    return this.#wire;
  }

  async #loadApi(): Promise<ApiClient> {
    const [credentials, { createApiClient }] = await Promise.all([this.#resolved(), import("./api-client.ts")]);
    return createApiClient(credentials);
  }

  #resolved(): Promise<Credentials> {
    this.#credentials ??= forgettingFailure(this.#findCredentials(), () => {
      this.#credentials = undefined;
    });
    return this.#credentials;
  }
}

/** A failed attempt is not kept: the next one looks again. */
function forgettingFailure<T>(attempt: Promise<T>, forget: () => void): Promise<T> {
  attempt.catch(forget);
  return attempt;
}

const DEFAULT_ENVIRONMENT = "main";
/** Whoever set the context has reached the orchestrator: a first call that does not may find it restarting. */
const IN_CONTEXT_FIRST_CONNECT_MS = 5 * 60_000;
const connections = new Map<string, Connection>();

/**
 * The connection of this process: the one that the process which loaded the bundle has set, otherwise the
 * credentials of a plain program. The same one every time, so that all handles share one link.
 */
export function defaultConnection(): Connection {
  const context = runtimeContext();
  const given = context?.connection;
  const environment = context?.environment ?? DEFAULT_ENVIRONMENT;
  const key = given ? `${environment} ${given.url} ${given.token}` : environment;
  const known = connections.get(key);
  if (known) return known;
  const connection = given
    ? new Connection(environment, async () => given, IN_CONTEXT_FIRST_CONNECT_MS)
    : namedConnection({ environment });
  connections.set(key, connection);
  return connection;
}

/** A connection of its own; what is not given comes from the process that loaded the bundle, or from the credentials. */
export function namedConnection(given: { url?: string; token?: string; environment?: string }): Connection {
  const environment = given.environment ?? runtimeContext()?.environment ?? DEFAULT_ENVIRONMENT;
  return new Connection(environment, async () => {
    const here = runtimeContext()?.connection;
    if (here && given.url === undefined && given.token === undefined) return here;
    const { findCredentials } = await import("./credentials.ts");
    return findCredentials(given);
  });
}
