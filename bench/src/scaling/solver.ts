/** HiGHS (highs.dev), which solves linear programs, as WebAssembly. */
import { createRequire } from "node:module";

/** By `require`, because its types are those of its CommonJS build. */
const { default: load }: typeof import("highs") = createRequire(import.meta.url)("highs");

export type Solver = Awaited<ReturnType<typeof load>>;

export function loadSolver(): Promise<Solver> {
  return load();
}
