/** The batched programs of the tests that every worker must pass, for Node. */
import type { BatchPrograms } from "./batch-programs.ts";
import { bundleOf } from "./link-server.ts";
import { nodePrograms } from "./node-programs.ts";

export const nodeBatchPrograms: BatchPrograms = {
  language: nodePrograms.language,
  bundle: nodePrograms.bundle,
  joins: bundleOf(
    'async (texts, numbers) => texts.map((text, at) => [text, numbers[at], "of", texts.length].join(" "))',
  ),
  answers: bundleOf(
    `(words) => {
      if (words.includes("throw")) throw new TypeError("no page");
      if (words.includes("short")) return words.slice(1);
      if (words.includes("none")) return 7;
      if (words.includes("array")) return Float32Array.of(1, 2);
      return words.map((word) => word === "unfit" ? { format: () => 1 } : word);
    }`,
  ),
  meets: bundleOf(
    `async (words) => {
      console.log(words.join(" "));
      if (words.includes("wait")) await opened;
      else open();
      return words.map(() => "opened");
    }`,
    "let open; const opened = new Promise((done) => { open = done });",
  ),
  naps: bundleOf(
    `async (words) => {
      console.log("begins");
      await new Promise((done) => { if (!words.includes("hang")) setTimeout(done, 400) });
      return words;
    }`,
  ),
  stalls: bundleOf(
    `async (words) => {
      if (words.includes("block")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
      await new Promise((done) => setTimeout(done, 400));
      return words;
    }`,
  ),
  waits: bundleOf(`(words) => new Promise((_, reject) => {
    const { signal } = globalThis[Symbol.for("bellows.runtime")].currentInput();
    console.log("begins");
    signal.addEventListener("abort", () => { console.log("cleaned up"); reject(signal.reason); });
  })`),
  ends: bundleOf(
    `async (words) => {
      if (words.includes("exit")) process.exit(3);
      if (words.includes("wait")) { console.log("waits"); await new Promise(() => {}); }
      return words.map(() => words.length);
    }`,
    "await new Promise((done) => setTimeout(done, 1_000));",
  ),
  prints: bundleOf('(words) => { console.log(words.join(" ")); process.stdout.write("over"); return words }'),
};
