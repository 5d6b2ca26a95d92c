/**
 * Every URL of the console, as a typed function. A name or an id is escaped here and nowhere else, and a filter that
 * is not set leaves no trace in the URL, so that one view has one address.
 */
import type { AppState, CallKind, CallState, ContainerState, InputState } from "@bellows/protocol/states";

/** A function is addressed by names, which people read and share; calls and containers have only ids. */
export interface FunctionPath {
  app: string;
  function: string;
  /** One of its pools: other options or constructor arguments. They have no names, so it is an id. */
  pool?: string | undefined;
}

export interface CallFilter {
  app?: string | undefined;
  function?: string | undefined;
  state?: CallState | undefined;
  kind?: CallKind | undefined;
  /** The begin or the end of an id, or part of the name of a function or an app. */
  search?: string | undefined;
  /** The call whose inputs made them. */
  parent?: string | undefined;
  /** The last so long; moves along with the present. */
  since?: CallSpan | undefined;
  /** Or made at or after, and before: fixed times. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

export type CallSpan = "15m" | "1h" | "24h" | "7d";

export interface ContainerFilter {
  app?: string | undefined;
  function?: string | undefined;
  state?: ContainerState | undefined;
  /** Containers that are gone, too. */
  gone?: boolean | undefined;
}

export type AppTab = "functions" | "logs";
export type FunctionTab = "overview" | "load" | "autoscaler" | "calls" | "containers" | "logs" | "settings";

/** How far back the load of a function is shown; moves along with the present. */
export type LoadSpan = "15m" | "1h" | "6h" | "24h";
export type CallTab = "inputs" | "tree" | "logs";

export interface CallPageView {
  tab?: CallTab | undefined;
  /** Only inputs in this state. */
  state?: InputState | undefined;
  /** The inputs from this index on. */
  from?: number | undefined;
}

export const paths = {
  overview: () => "/",
  apps: (filter: { state?: AppState | undefined } = {}) => `/apps${query({ ...filter })}`,
  app: (app: string, tab?: AppTab) => `/apps/${segment(app)}${query({ tab: tab === "functions" ? undefined : tab })}`,
  function: (path: FunctionPath, tab?: FunctionTab) =>
    `${paths.app(path.app)}/functions/${segment(path.function)}${query({ pool: path.pool, tab: tab === "overview" ? undefined : tab })}`,
  load: ({ app, function: name, pool }: FunctionPath, last: LoadSpan) =>
    `${paths.app(app)}/functions/${segment(name)}${query({ pool, tab: "load", last: last === "15m" ? undefined : last })}`,
  calls: ({ fromMs, toMs, ...filter }: CallFilter = {}) =>
    `/calls${query({ ...filter, from: instant(fromMs), to: instant(toMs) })}`,
  call: (id: string, { tab, state, from }: CallPageView = {}) =>
    `/calls/${segment(id)}${query({ tab: tab === "inputs" ? undefined : tab, state, from: from ? String(from) : undefined })}`,
  input: (callId: string, index: number) => `/calls/${segment(callId)}/inputs/${index}`,
  containers: (filter: ContainerFilter = {}) =>
    `/containers${query({ ...filter, gone: filter.gone ? "1" : undefined })}`,
  container: (id: string) => `/containers/${segment(id)}`,
  secrets: () => "/secrets",
  images: () => "/images",
  image: (id: string) => `/images/${segment(id)}`,
  settings: () => "/settings",
  limits: () => "/settings/limits",
  gpus: () => "/settings/gpus",
  signIn: (next?: string) => `/sign-in${query({ next: next === "/" ? undefined : next })}`,
} as const;

/** The route handlers of the console's own server. */
export const doors = {
  trpc: "/api/trpc",
  session: "/api/session",
} as const;

/**
 * Where to go after signing in. Only a path of this console is followed: `//host` and `/\host` would leave it.
 */
export function safeNext(next: string | null | undefined): string {
  return next !== null && next !== undefined && /^\/(?![/\\])/.test(next) ? next : paths.overview();
}

function segment(text: string): string {
  return encodeURIComponent(text);
}

/** A time as people read it and every clock knows it: in UTC. */
function instant(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString().replace(/:00\.000Z$/, "Z");
}

function query(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
