/** Filters as they stand in a URL. What is not one of the known values is as if it were not there. */
import { isId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallKind, InputState } from "@bellows/protocol/states";
import { CALL_KINDS, CALL_STATES, CONTAINER_STATES, INPUT_STATES } from "@bellows/protocol/states";
import type { AppTab, CallFilter, CallSpan, CallTab, ContainerFilter, FunctionTab, LoadSpan } from "./paths.ts";

type Query = Pick<URLSearchParams, "get">;

export const CALL_KIND_NAMES = Object.keys(CALL_KINDS).filter((kind): kind is CallKind => kind in CALL_KINDS);
const APP_TABS: readonly AppTab[] = ["functions", "logs"];
const FUNCTION_TABS: readonly FunctionTab[] = [
  "overview",
  "load",
  "autoscaler",
  "calls",
  "containers",
  "logs",
  "settings",
];
const CALL_TABS: readonly CallTab[] = ["inputs", "tree", "logs"];
const MINUTE_MS = 60_000;
export const CALL_SPAN_MS: Record<CallSpan, number> = {
  "15m": 15 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "24h": 24 * 60 * MINUTE_MS,
  "7d": 7 * 24 * 60 * MINUTE_MS,
};
export const CALL_SPANS = Object.keys(CALL_SPAN_MS).filter((span): span is CallSpan => span in CALL_SPAN_MS);

export const LOAD_SPAN_MS: Record<LoadSpan, number> = {
  "15m": 15 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "6h": 6 * 60 * MINUTE_MS,
  "24h": 24 * 60 * MINUTE_MS,
};
export const LOAD_SPANS = Object.keys(LOAD_SPAN_MS).filter((span): span is LoadSpan => span in LOAD_SPAN_MS);

export function parseCallFilter(query: Query): CallFilter {
  return {
    app: text(query, "app"),
    function: text(query, "function"),
    state: oneOf(CALL_STATES, query.get("state")),
    kind: oneOf(CALL_KIND_NAMES, query.get("kind")),
    search: text(query, "search"),
    parent: id(query, "parent"),
    since: oneOf(CALL_SPANS, query.get("since")),
    fromMs: instant(query, "from"),
    toMs: instant(query, "to"),
  };
}

export function parseContainerFilter(query: Query): ContainerFilter {
  return {
    app: text(query, "app"),
    function: text(query, "function"),
    state: oneOf(CONTAINER_STATES, query.get("state")),
    gone: query.get("gone") === "1" ? true : undefined,
  };
}

export function parseInputState(query: Query): InputState | undefined {
  return oneOf(INPUT_STATES, query.get("state"));
}

/** From which index on the inputs of a call are shown. */
export function parseInputFrom(query: Query): number {
  const from = query.get("from") ?? "";
  return /^\d{1,7}$/.test(from) ? Math.min(Number(from), LIMITS.inputsPerCall) : 0;
}

/** Which pool of a function is shown; undefined: the function as it was deployed. */
export function parsePool(query: Query): string | undefined {
  return id(query, "pool");
}

export function parseAppTab(query: Query): AppTab {
  return oneOf(APP_TABS, query.get("tab")) ?? "functions";
}

export function parseFunctionTab(query: Query): FunctionTab {
  return oneOf(FUNCTION_TABS, query.get("tab")) ?? "overview";
}

export function parseLoadSpan(query: Query): LoadSpan {
  return oneOf(LOAD_SPANS, query.get("last")) ?? "15m";
}

export function parseCallTab(query: Query): CallTab {
  return oneOf(CALL_TABS, query.get("tab")) ?? "inputs";
}

function oneOf<const Value extends string>(values: readonly Value[], given: string | null): Value | undefined {
  return values.find((value) => value === given);
}

function id(query: Query, name: string): string | undefined {
  const given = text(query, name);
  return given !== undefined && isId(given) ? given : undefined;
}

function text(query: Query, name: string): string | undefined {
  return query.get(name) || undefined;
}

function instant(query: Query, name: string): number | undefined {
  const atMs = Date.parse(query.get(name) ?? "");
  return Number.isNaN(atMs) ? undefined : atMs;
}
