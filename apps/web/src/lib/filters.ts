/** Filters as they stand in a URL. What is not one of the known values is as if it were not there. */
import type { CallKind, InputState } from "@bellows/protocol/states";
import { CALL_KINDS, CALL_STATES, CONTAINER_STATES, INPUT_STATES } from "@bellows/protocol/states";
import type { AppTab, CallFilter, CallTab, ContainerFilter, FunctionTab } from "./paths.ts";

type Query = Pick<URLSearchParams, "get">;

export const CALL_KIND_NAMES = Object.keys(CALL_KINDS).filter((kind): kind is CallKind => kind in CALL_KINDS);
const APP_TABS: readonly AppTab[] = ["functions", "logs"];
const FUNCTION_TABS: readonly FunctionTab[] = ["overview", "calls", "containers", "logs", "settings"];
const CALL_TABS: readonly CallTab[] = ["inputs", "logs"];

export function parseCallFilter(query: Query): CallFilter {
  return {
    app: text(query, "app"),
    function: text(query, "function"),
    state: oneOf(CALL_STATES, query.get("state")),
    kind: oneOf(CALL_KIND_NAMES, query.get("kind")),
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

export function parseAppTab(query: Query): AppTab {
  return oneOf(APP_TABS, query.get("tab")) ?? "functions";
}

export function parseFunctionTab(query: Query): FunctionTab {
  return oneOf(FUNCTION_TABS, query.get("tab")) ?? "overview";
}

export function parseCallTab(query: Query): CallTab {
  return oneOf(CALL_TABS, query.get("tab")) ?? "inputs";
}

function oneOf<const Value extends string>(values: readonly Value[], given: string | null): Value | undefined {
  return values.find((value) => value === given);
}

function text(query: Query, name: string): string | undefined {
  return query.get(name) || undefined;
}
