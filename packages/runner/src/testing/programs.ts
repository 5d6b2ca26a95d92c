/**
 * The same programs in each language that a worker runs, for tests that every worker must pass. Each defines `work`;
 * what it does is said here once, how it is written is the language's own.
 */
import type { Assignment } from "@bellows/protocol/agent-frames";
import type { LinkServer } from "./link-server.ts";

export interface Programs {
  language: string;
  /** What stacks name the user's file. */
  file: string;
  /** The bundle of a program: what an agent is told to run. */
  bundle: (program: string, server: LinkServer) => Pick<Assignment, "bundleHash" | "python">;

  /** `work(a, b)`: their sum. */
  add: string;
  /** `work(value)`: the same. */
  echo: string;
  /** `work(waits)`: true waits until another input calls with false. */
  meet: string;
  /** At import `importing`; `work(name)`: `start NAME`, half a line, waits for two, the other half, a line of a child process. */
  prints: string;
  /** `work(name)`: waits for two, then a TypeError of that name; `fine` returns it. */
  fails: string;
  /** `work(waits)`: 1, after 100 ms where it waits. */
  naps: string;
  /** `work()`: the variable GREETING, and whether any variable holds a container's token. */
  environment: string;
  /** `work()`: a TypeError `no page` because of `torn`, from the function `read_page`. */
  throws: string;
  /** `work(large)`: 17 MiB, or what cannot travel at `rows[0].format`. */
  unfit: string;
  /** `work(ends)`: ends the process with status 3, or returns `alive`. */
  ends: string;
  /** `work(blocks)`: prints `child PID` of a child process and computes for ever, or returns `ran`. */
  blocks: string;
  /** `work()`: prints `begins` and waits for ever; when it is cancelled, prints `cleaned up`. */
  waits: string;
  /** `work()`: prints `begins` and never ends, not even when it is cancelled. */
  stubborn: string;
  /** `work()`: takes memory, 8 MB after 8 MB. */
  hoards: string;
  /** A TypeError `bad config` at import, in its third line. */
  importThrows: string;
  /** Prints MISSING_KEY at import and ends the process with status 4. */
  importEnds: string;
  /** An import that never ends. */
  importBlocks: string;
}
