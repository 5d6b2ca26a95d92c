import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PayloadTooLargeError, SerializationError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { decodeFirstElement, decodeValue, encodeValue } from "./values.ts";

/** An own key `__proto__` is renamed on arrival, so that no value can reach into a prototype. */
function hasNoProto(value: unknown): boolean {
  return !JSON.stringify(value).includes("__proto__");
}

function roundTrip(value: unknown): unknown {
  return decodeValue(encodeValue(value));
}

describe("values", () => {
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a date", new Date(1_700_000_000_123)],
    ["a date before 1970", new Date(-5)],
    ["a map with object keys", new Map<unknown, unknown>([[{ a: 1 }, [1]]])],
    ["a set", new Set([1, "two", 3n])],
    ["a small bigint", 12n],
    ["a huge bigint", 2n ** 300n],
    ["a negative huge bigint", -(2n ** 300n)],
    ["a regexp", /a+\/b/giu],
    ["bytes", new Uint8Array([0, 255, 7])],
    ["floats", new Float64Array([1.5, Number.NaN, -0])],
    ["an array with holes filled", [undefined, null]],
    ["many shapes of objects", Array.from({ length: 500 }, (_, i) => ({ [`key${i}`]: i, [`other${i % 7}`]: [i] }))],
    ["wide integers", new BigInt64Array([1n, -1n])],
    ["not a number", Number.NaN],
    ["nested undefined", { a: undefined, b: [undefined, 1] }],
    ["an empty key", { "": 1, __proto: 2 }],
  ])("carry %s", (_name, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it("carry errors with their class, message and cause", () => {
    const error = new TypeError("no", { cause: new RangeError("why") });
    const copy = roundTrip(error) as TypeError;
    expect(copy).toBeInstanceOf(TypeError);
    expect(copy.message).toBe("no");
    expect(copy.cause).toBeInstanceOf(RangeError);
  });

  it("keep cycles and shared references", () => {
    const shared = { name: "shared" };
    const root: Record<string, unknown> = { left: shared, right: shared };
    root.self = root;
    const copy = roundTrip(root) as Record<string, unknown>;
    expect(copy.self).toBe(copy);
    expect(copy.left).toBe(copy.right);
  });

  it("carry anything JSON can", () => {
    fc.assert(
      fc.property(fc.jsonValue().filter(hasNoProto), (value) => {
        expect(JSON.stringify(roundTrip(value))).toBe(JSON.stringify(value));
      }),
    );
  });

  it("are copies: bytes given to the decoder may be reused afterwards", () => {
    const encoded = encodeValue({ data: new Uint8Array([1, 2, 3]) });
    const decoded = decodeValue(encoded) as { data: Uint8Array };
    encoded.fill(0);
    expect([...decoded.data]).toEqual([1, 2, 3]);
  });

  it.each<[unknown, string]>([
    [() => 1, "value is a function"],
    [{ user: { load() {} } }, "value.user.load is a function"],
    [[1, Symbol("x")], "value[1] is a symbol"],
    [{ page: Promise.resolve(1) }, "value.page is a promise, which cannot travel; await it first"],
    [new Map([["k", () => 1]]), 'value.get("k") is a function'],
    [{ "not an identifier": () => 1 }, 'value["not an identifier"] is a function'],
  ])("refuse a function, a symbol or a promise and name its path", (value, text) => {
    expect(() => encodeValue(value)).toThrow(SerializationError);
    expect(() => encodeValue(value)).toThrow(text);
  });

  it("refuse more than 16 MiB and say how much it was", () => {
    expect(() => encodeValue(new Uint8Array(LIMITS.valueBytes + 1))).toThrow(PayloadTooLargeError);
    expect(() => encodeValue(new Uint8Array(LIMITS.valueBytes + 1))).toThrow(/16,777,\d\d\d bytes/);
  });

  it.each([1, 15, 16, 70_000])("of a list of %i give their first from its first bytes alone", (count) => {
    const list = Array.from({ length: count }, (_, i) => (i === 0 ? "prédict" : { some: "value" }));
    const bytes = encodeValue(list);
    expect(decodeFirstElement(bytes.subarray(0, 20))).toBe("prédict");
    expect(decodeFirstElement(bytes.subarray(0, 4))).toBeUndefined();
    expect(decodeFirstElement(encodeValue("no list"))).toBeUndefined();
    expect(decodeFirstElement(encodeValue([]))).toBeUndefined();
    expect(decodeFirstElement(new Uint8Array())).toBeUndefined();
  });
});
