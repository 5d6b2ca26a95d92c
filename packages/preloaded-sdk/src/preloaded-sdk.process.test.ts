import { AsyncLocalStorage } from "node:async_hooks";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildBundle } from "@bellows/cli/bundle/bundler";
import { SDK_MODULE } from "@bellows/protocol/bundles";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { OWN_SDK_FOLDER } from "@bellows/runner/paths";
import { rehearse } from "@bellows/runner/worker/rehearsal";
import { Streams } from "@bellows/runner/worker/streams";
import { expect, it } from "vitest";

const EXAMPLE = fileURLToPath(new URL("../../../examples/hello/hello.ts", import.meta.url));

it("what workers import before the code comes is, byte for byte, what a deploy puts beside the code", async () => {
  const { bundle } = await buildBundle(EXAMPLE, { cwd: process.cwd(), conditions: [] });
  const entries = readdirSync(OWN_SDK_FOLDER, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const preloaded = files.map((file) => [file.slice(OWN_SDK_FOLDER.length + 1), readFileSync(file, "utf8")]);
  expect(preloaded.length).toBeGreaterThan(1);
  expect(Object.fromEntries(preloaded)).toEqual(bundle.modules);
});

it("has what workers rehearse a start with: a worker would go on without, and its first function would wait", async () => {
  const sdkPath = join(OWN_SDK_FOLDER, SDK_MODULE);
  await expect(rehearse(sdkPath, new AsyncLocalStorage(), new Streams(() => {}))).resolves.toBe(
    OUTPUT_STATUS.succeeded,
  );
});
