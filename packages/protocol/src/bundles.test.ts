import { describe, expect, it } from "vitest";
import { bundleHashOf, decodeBundle, encodeBundle } from "./bundles.ts";
import { InvalidError } from "./errors.ts";

describe("bundles", () => {
  const bundle = { code: "export {}", sourceMap: "{}", packages: { sharp: "0.34.0" } };

  it("of equal content have equal bytes, so equal hashes", () => {
    const { bytes, hash } = encodeBundle(bundle);
    expect(encodeBundle({ ...bundle }).hash).toBe(hash);
    expect(bundleHashOf(bytes)).toBe(hash);
    expect(decodeBundle(bytes)).toEqual(bundle);
  });

  it("refuse bytes that are no bundle", () => {
    expect(() => decodeBundle(new Uint8Array([1, 2, 3]))).toThrow(InvalidError);
  });
});
