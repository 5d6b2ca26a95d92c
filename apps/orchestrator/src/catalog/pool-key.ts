/**
 * What makes a pool the one it is, and how it is called where people see it. Two handles that ask for the same settings
 * and constructor arguments, in whatever order they were written, share a pool.
 */
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import type { Pool } from "@bellows/protocol/client-frames";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { decodeValue } from "@bellows/protocol/values";

/** The function itself has the empty key. */
export const BASE_POOL_KEY = "";
const LABEL_CHARS = 80;

/** SHA-256 in hex; the empty key for a pool in which nothing differs. */
export function poolKeyOf(pool: Pool | null): string {
  if (!pool) return BASE_POOL_KEY;
  const settings = changedSettings(pool);
  if (Object.keys(settings).length === 0 && pool.parameters === null) return BASE_POOL_KEY;
  const hash = createHash("sha256").update(canonicalJson(settings));
  // The separator keeps "no arguments" apart from an empty list of bytes.
  if (pool.parameters) hash.update("\0").update(pool.parameters);
  return hash.digest("hex");
}

/** Frames write what is left out as undefined. */
export function changedSettings({ settings }: Pool): Partial<FunctionSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** `('large', { half: true }) maxInputs 8`: what differs, in one short line. */
export function poolLabelOf(pool: Pool): string {
  const { parameters } = pool;
  const parts = Object.entries(changedSettings(pool))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${canonicalJson(value)}`);
  const label = [...(parameters ? [parametersLabel(parameters)] : []), ...parts].join(" ");
  return label.length > LABEL_CHARS ? `${label.slice(0, LABEL_CHARS - 1)}…` : label;
}

function parametersLabel(parameters: Uint8Array): string {
  try {
    const values = decodeValue(parameters);
    const shown = inspect(values, { depth: 2, breakLength: Number.POSITIVE_INFINITY, customInspect: false });
    return Array.isArray(values) ? `(${shown.slice(1, -1).trim()})` : `(${shown})`;
  } catch {
    return "(…)";
  }
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, nested: unknown) =>
    typeof nested === "object" && nested !== null && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).sort(([a], [b]) => (a < b ? -1 : 1)))
      : nested,
  );
}
