import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { bundleHashOf, decodeBundle, encodeBundle } from "./bundles.ts";
import { InvalidError } from "./errors.ts";

describe("bundles", () => {
  const bundle = {
    code: "export {}",
    sourceMap: "{}",
    packages: { sharp: "0.34.0" },
    modules: { "node_modules/@bellows/sdk/sdk.mjs": "export {}" },
    files: { "models/net.py": "SIZE = 2\n" },
  };

  it("of equal content have equal bytes, so equal hashes", () => {
    const { bytes, hash } = encodeBundle(bundle);
    expect(encodeBundle({ ...bundle }).hash).toBe(hash);
    expect(bundleHashOf(bytes)).toBe(hash);
    expect(decodeBundle(bytes)).toEqual(bundle);
  });

  it("of before there were files have none", () => {
    const { files: _files, modules: _modules, ...old } = bundle;
    expect(decodeBundle(gzipSync(JSON.stringify(old))).files).toEqual({});
  });

  it.each(["../a.py", "/etc/a.py", "a/../../b.py", "a//b.py", "./a.py", "a\\b.py", "", "a/"])(
    "refuse a file that would be written elsewhere: %j",
    (path) => {
      const { bytes } = encodeBundle({ ...bundle, files: { [path]: "" } });
      expect(() => decodeBundle(bytes)).toThrow(InvalidError);
    },
  );

  it("refuse bytes that are no bundle", () => {
    expect(() => decodeBundle(new Uint8Array([1, 2, 3]))).toThrow(InvalidError);
  });
});
