/** The programs of the tests that every worker must pass, for Node. */
import { bundleOf } from "./link-server.ts";
import type { Programs } from "./programs.ts";

const CURRENT_SIGNAL = 'const { signal } = globalThis[Symbol.for("bellows.runtime")].currentInput();';

export const nodePrograms: Programs = {
  language: "Node",
  file: "bundle.mjs",
  bundle: (program, server) => ({ bundleHash: server.addBundle(program), python: null }),
  add: bundleOf("async (a, b) => { await null; return a + b }"),
  echo: bundleOf("(value) => value"),
  meet: bundleOf("(waits) => waits ? new Promise((done) => { open = done }) : open?.('opened')", "let open;"),
  prints: bundleOf(
    `async (name) => {
      console.log("start", name);
      process.stderr.write("half of ");
      await new Promise((done) => { waiting.push(done); if (waiting.length === 2) waiting.forEach((go) => go()); });
      process.stderr.write(name);
      execFileSync("echo", ["from a child"], { stdio: "inherit" });
    }`,
    'import { execFileSync } from "node:child_process"; const waiting = []; console.log("importing");',
  ),
  fails: bundleOf(
    `async (name) => {
      await new Promise((done) => { waiting.push(done); if (waiting.length === 2) waiting.forEach((go) => go()); });
      if (name !== "fine") throw new TypeError(name);
      return name;
    }`,
    "const waiting = [];",
  ),
  naps: bundleOf("(waits) => waits ? new Promise((done) => setTimeout(done, 1_000, 1)) : 1"),
  environment: bundleOf(
    '() => [process.env.GREETING, Object.values(process.env).some((value) => value.includes("token-of"))]',
  ),
  throws: bundleOf(
    "() => read_page()",
    'function read_page() { throw new TypeError("no page", { cause: new Error("torn") }) }',
  ),
  unfit: bundleOf("(large) => large ? new Uint8Array(17 * 1024 * 1024) : { rows: [{ format: () => 1 }] }"),
  ends: bundleOf("(ends) => ends ? process.exit(3) : 'alive'"),
  blocks: bundleOf(
    `(blocks) => {
      if (!blocks) return "ran";
      const child = spawn("sleep", ["600"], { stdio: "ignore" });
      console.log("child " + child.pid);
      for (;;);
    }`,
    'import { spawn } from "node:child_process";',
  ),
  waits: bundleOf(`() => new Promise((resolve, reject) => {
    ${CURRENT_SIGNAL}
    console.log("begins");
    signal.addEventListener("abort", () => { console.log("cleaned up"); reject(signal.reason); });
  })`),
  stubborn: bundleOf("() => new Promise(() => console.log('begins'))"),
  hoards: bundleOf(
    "async () => { for (;;) { hoard.push(Buffer.alloc(8e6, 1)); await new Promise(setImmediate) } }",
    "const hoard = [];",
  ),
  importThrows: `\n\nthrow new TypeError("bad config");\n`,
  importEnds: bundleOf("() => 1", 'console.error("MISSING_KEY is not set"); process.exit(4);'),
  importBlocks: bundleOf("() => 1", "for (;;);"),
};
