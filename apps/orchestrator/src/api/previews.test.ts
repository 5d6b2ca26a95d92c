import { errorData, InvalidError } from "@bellows/protocol/errors";
import { encodeValue } from "@bellows/protocol/values";
import { describe, expect, it } from "vitest";
import { argumentsPreviewOf, jsonOf, previewOf, storedError } from "./previews.ts";

describe("previewOf", () => {
  it("shows a value as a person writes it", () => {
    const bytes = encodeValue({ a: 1, when: new Date(0), tags: new Set(["x"]), big: 12n });
    expect(previewOf(bytes)).toEqual({
      text: "{ a: 1, when: 1970-01-01T00:00:00.000Z, tags: Set(1) { 'x' }, big: 12n }",
      bytes: bytes.byteLength,
      truncated: false,
    });
  });

  it("stays small for a large value, and says so", () => {
    const preview = previewOf(encodeValue(new Uint8Array(8 * 1024 * 1024)));
    expect(preview.truncated).toBe(true);
    expect(preview.bytes).toBeGreaterThan(8 * 1024 * 1024 - 1);
    expect(preview.text.length).toBeLessThanOrEqual(20_000);
    expect(previewOf(encodeValue("x".repeat(1_000_000))).truncated).toBe(true);
  });

  it("says that bytes cannot be decoded instead of failing", () => {
    expect(previewOf(new Uint8Array([0xc1, 0xff]))).toMatchObject({ text: "(the bytes could not be decoded)" });
  });

  it("shows arguments as a parameter list", () => {
    expect(argumentsPreviewOf(encodeValue([1, { a: "b" }]), "function").text).toBe("1, { a: 'b' }");
    expect(argumentsPreviewOf(encodeValue([]), "function").text).toBe("");
    expect(argumentsPreviewOf(encodeValue(["predict"]), "function").text).toBe("'predict'");
    expect(argumentsPreviewOf(encodeValue(["predict"]), "class").text).toBe("predict()");
    expect(argumentsPreviewOf(encodeValue(["predict", 1, "x"]), "class").text).toBe("predict(1, 'x')");
  });
});

describe("jsonOf", () => {
  it("gives back what JSON can carry unchanged, and nothing else", () => {
    const plain = { a: [1, "two", null, true], b: {} };
    expect(jsonOf(encodeValue(plain))).toEqual(plain);
    expect(jsonOf(encodeValue(null))).toBeNull();
    for (const value of [undefined, Number.NaN, new Date(0), 1n, new Map(), { a: undefined }, new Uint8Array(2)]) {
      expect(jsonOf(encodeValue(value))).toBeUndefined();
    }
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect(jsonOf(encodeValue(cyclic))).toBeUndefined();
  });
});

describe("storedError", () => {
  it("reads the error that was stored", () => {
    expect(storedError(encodeValue(errorData(new InvalidError("no good"))))).toMatchObject({
      code: "INVALID",
      message: "no good",
    });
  });

  it("says that it cannot when it cannot", () => {
    expect(storedError(encodeValue("what")).code).toBe("INTERNAL");
    expect(storedError(new Uint8Array([0xc1])).code).toBe("INTERNAL");
  });
});
