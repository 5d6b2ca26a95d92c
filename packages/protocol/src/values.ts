/**
 * Values between caller and function: structured-clone semantics on MessagePack. JSON types, `undefined`, Date, Map,
 * Set, BigInt, RegExp, Error, typed arrays, and shared or cyclic references survive; instances of classes arrive as plain
 * objects, and -0 as 0. Functions, symbols and promises do not travel.
 */
import { addExtension, Packr } from "msgpackr";
import { PayloadTooLargeError, SerializationError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

class NotAValue extends Error {}
function refuse(): never {
  throw new NotAValue();
}

const packr = new Packr({
  structuredClone: true,
  useBigIntExtension: true,
  writeFunction: refuse,
});
// Otherwise a promise that somebody forgot to await arrives as an empty object.
addExtension({ Class: Promise, write: refuse });

/**
 * The bytes of a value, at most 16 MiB.
 * @throws SerializationError naming the path of what cannot travel; PayloadTooLargeError with the size.
 */
export function encodeValue(value: unknown): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = packr.pack(value);
  } catch (error) {
    throw serializationError(value, error);
  }
  if (bytes.byteLength > LIMITS.valueBytes) {
    throw new PayloadTooLargeError(
      `the value is ${bytes.byteLength.toLocaleString("en")} bytes, above the limit of ${LIMITS.valueBytes.toLocaleString("en")} (16 MiB); ` +
        "pass a reference (a path, a URL, a key) instead of the data",
      { details: { limit: "valueBytes", max: LIMITS.valueBytes, current: bytes.byteLength } },
    );
  }
  return bytes;
}

/** The value of some bytes made by `encodeValue`. */
export function decodeValue(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** The first element of an encoded array, of which these are the first bytes; undefined where they hold no whole one. */
export function decodeFirstElement(begin: Uint8Array): unknown {
  const [format = 0] = begin;
  const headerBytes = format >> 4 === 0x9 ? 1 : format === 0xdc ? 3 : format === 0xdd ? 5 : undefined;
  if (headerBytes === undefined) return undefined;
  let first: unknown;
  try {
    packr.unpackMultiple(begin.subarray(headerBytes), (value) => {
      first = value;
      return false;
    });
  } catch {
    return undefined;
  }
  return first;
}

function serializationError(root: unknown, cause: unknown): SerializationError {
  const found = findUnserialisable(root, "value", new Set());
  return found
    ? new SerializationError(`${found.path} is a ${found.kind}, which cannot travel; ${REMEDIES[found.kind]}`)
    : new SerializationError("the value cannot be serialised", { cause });
}

const REMEDIES = {
  function: "pass data and look the function up on the other side",
  symbol: "pass data and look the symbol up on the other side",
  promise: "await it first",
} as const;

interface Unserialisable {
  path: string;
  kind: keyof typeof REMEDIES;
}

function findUnserialisable(value: unknown, path: string, seen: Set<object>): Unserialisable | undefined {
  const kind = typeof value;
  if (kind === "function" || kind === "symbol") return { path, kind };
  if (value instanceof Promise) return { path, kind: "promise" };
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  seen.add(value);
  for (const [step, item] of itemsOf(value)) {
    const found = findUnserialisable(item, path + step, seen);
    if (found) return found;
  }
  return undefined;
}

function* itemsOf(value: object): Iterable<[step: string, item: unknown]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield [`[${index}]`, item];
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield [".key", key];
      yield [`.get(${JSON.stringify(key) ?? String(key)})`, item];
    }
  } else if (value instanceof Set) {
    for (const item of value) yield [".item", item];
  } else {
    for (const [key, item] of Object.entries(value))
      yield [/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, item];
  }
}
