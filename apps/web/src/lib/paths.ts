/**
 * Every URL of the console, as a typed function. A name or an id is escaped here and nowhere else, and a filter that
 * is not set leaves no trace in the URL, so that one view has one address.
 */
import type { AppState, CallKind, CallState, ContainerState, InputState } from "@bellows/protocol/states";

/** A function is addressed by names, which people read and share; calls and containers have only ids. */
export interface FunctionPath {
  app: string;
  function: string;
}

export interface CallFilter {
  app?: string | undefined;
  function?: string | undefined;
  state?: CallState | undefined;
  kind?: CallKind | undefined;
}

export interface ContainerFilter {
  app?: string | undefined;
  function?: string | undefined;
  state?: ContainerState | undefined;
  /** Containers that are gone, too. */
  gone?: boolean | undefined;
}

export type AppTab = "functions" | "logs";
export type FunctionTab = "overview" | "calls" | "containers" | "logs" | "settings";
export type CallTab = "inputs" | "logs";

export const paths = {
  overview: () => "/",
  apps: (filter: { state?: AppState | undefined } = {}) => `/apps${query({ ...filter })}`,
  app: (app: string, tab?: AppTab) => `/apps/${segment(app)}${query({ tab: tab === "functions" ? undefined : tab })}`,
  function: (path: FunctionPath, tab?: FunctionTab) =>
    `${paths.app(path.app)}/functions/${segment(path.function)}${query({ tab: tab === "overview" ? undefined : tab })}`,
  calls: (filter: CallFilter = {}) => `/calls${query({ ...filter })}`,
  call: (id: string, view: { tab?: CallTab | undefined; state?: InputState | undefined } = {}) =>
    `/calls/${segment(id)}${query({ tab: view.tab === "inputs" ? undefined : view.tab, state: view.state })}`,
  input: (callId: string, index: number) => `/calls/${segment(callId)}/inputs/${index}`,
  containers: (filter: ContainerFilter = {}) =>
    `/containers${query({ ...filter, gone: filter.gone ? "1" : undefined })}`,
  container: (id: string) => `/containers/${segment(id)}`,
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

function query(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
