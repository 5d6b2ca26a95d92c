/** Stored values as text a person reads. Whatever the bytes are, a preview comes back, of bounded size. */
import { inspect } from "node:util";
import type { ValuePreview } from "@bellows/protocol/call-views";
import { type ErrorData, errorDataSchema } from "@bellows/protocol/errors";
import type { FunctionKind } from "@bellows/protocol/states";
import { decodeValue } from "@bellows/protocol/values";

const MAX_CHARS = 20_000;
const MAX_ITEMS = 200;
const MAX_STRING_CHARS = 10_000;
const MAX_DEPTH = 8;
/** What `inspect` writes where it leaves something out. */
const LEFT_OUT = /\.\.\. \d+ more (items?|characters?|bytes?)|\[(Object|Array|Map|Set)\]/;

const UNREADABLE = Symbol("unreadable");

function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeValue(bytes);
  } catch {
    return UNREADABLE;
  }
}

export function previewOf(bytes: Uint8Array): ValuePreview {
  const value = decoded(bytes);
  if (value === UNREADABLE) {
    return { text: "(the bytes could not be decoded)", bytes: bytes.byteLength, truncated: false };
  }
  return previewOfValue(value, bytes.byteLength);
}

/**
 * The arguments of an input: like a parameter list, without the brackets of the array they travel in; of a class the
 * method before them, as a call of it.
 */
export function argumentsPreviewOf(bytes: Uint8Array, kind: FunctionKind): ValuePreview {
  const value = decoded(bytes);
  if (!Array.isArray(value)) return previewOf(bytes);
  const [method, ...rest] = value;
  const isMethod = kind === "class" && typeof method === "string";
  const parts = (isMethod ? rest : value).map((argument) => previewOfValue(argument, 0));
  const list = parts.map((part) => part.text).join(", ");
  const text = isMethod ? `${method}(${list})` : list;
  return {
    text: text.slice(0, MAX_CHARS),
    bytes: bytes.byteLength,
    truncated: text.length > MAX_CHARS || parts.some((part) => part.truncated),
  };
}

function previewOfValue(value: unknown, byteLength: number): ValuePreview {
  const text = inspect(value, {
    depth: MAX_DEPTH,
    maxArrayLength: MAX_ITEMS,
    maxStringLength: MAX_STRING_CHARS,
    breakLength: 100,
    customInspect: false,
  });
  return {
    text: text.slice(0, MAX_CHARS),
    bytes: byteLength,
    truncated: text.length > MAX_CHARS || LEFT_OUT.test(text),
  };
}

/** A stored error; one that cannot be read says so. */
export function storedError(bytes: Uint8Array): ErrorData {
  const parsed = errorDataSchema.safeParse(decoded(bytes));
  if (parsed.success) return parsed.data;
  return { code: "INTERNAL", message: "the stored error could not be read; the logs of the input may say more" };
}

/** The value as plain JSON; undefined unless it consists of JSON types only, so that nothing is silently changed. */
export function jsonOf(bytes: Uint8Array): unknown {
  const value = decoded(bytes);
  return isJson(value, new Set()) ? value : undefined;
}

function isJson(value: unknown, ancestors: Set<object>): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || ancestors.has(value)) return false;
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!plain) return false;
  ancestors.add(value);
  const json = Object.values(value).every((item) => isJson(item, ancestors));
  ancestors.delete(value);
  return json;
}
