/**
 * Loaded engines by the name that a call is opened with: the hot path of opening one. Many ways to write a pool lead to
 * one engine; what is remembered is bounded, and only ever what the directory has answered.
 */
import { createHash } from "node:crypto";
import type { Pool } from "@bellows/protocol/client-frames";
import type { FunctionEngine } from "./function-engine.ts";

const NAMES_REMEMBERED = 16_384;

export interface FunctionName {
  environment: string;
  app: string;
  function: string;
  pool: Pool | null;
}

export class EngineNames {
  readonly #engines = new Map<string, FunctionEngine>();

  get(name: FunctionName): FunctionEngine | undefined {
    return this.#engines.get(keyOf(name));
  }

  set(name: FunctionName, engine: FunctionEngine): void {
    if (this.#engines.size >= NAMES_REMEMBERED) this.#engines.clear();
    this.#engines.set(keyOf(name), engine);
  }

  forget(engine: FunctionEngine): void {
    for (const [name, named] of this.#engines) if (named === engine) this.#engines.delete(name);
  }
}

/** Names of environments, apps and functions hold no slash. */
function keyOf({ environment, app, function: name, pool }: FunctionName): string {
  const base = `${environment}/${app}/${name}`;
  if (!pool) return base;
  const { settings, parameters } = pool;
  const hash = parameters && createHash("sha256").update(parameters).digest("base64");
  return `${base}/${hash ?? ""}/${JSON.stringify(settings)}`;
}
