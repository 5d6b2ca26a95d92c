/**
 * Batched programs in each language that a worker runs, for tests that every worker must pass. Each defines `work`, which
 * gets a list for each argument; what it does is said here once.
 */
import type { Programs } from "./programs.ts";

export interface BatchPrograms extends Pick<Programs, "language" | "bundle"> {
  /** `work(texts, numbers)`: `TEXT NUMBER of SIZE` for each, where SIZE is that of the batch. */
  joins: string;
  /**
   * `work(words)`: the words, unless one of them says otherwise. `throw`: a TypeError `no page`; `short`: one result too
   * few; `none`: a number and no list; `array`: an array of float32s and
   * no list; `unfit`: in its place a result that cannot travel.
   */
  answers: string;
  /** `work(words)`: prints the words; one of `wait` waits until a batch without it comes; then `opened` for each. */
  meets: string;
  /** `work(words)`: prints `begins`; the words after 400 ms, never where one is `hang`. */
  naps: string;
  /** `work(words)`: the words after 400 ms; where one is `block`, after a second before that in which nothing else of its thread runs. */
  stalls: string;
  /** `work(words)`: prints `begins` and waits for ever; when it is cancelled, prints `cleaned up`. */
  waits: string;
  /**
   * `work(words)`: the size of the batch for each; one of `exit` ends the process with status 3, one of `wait` waits for ever.
   * To import it takes a second: what is sent at its end comes before its successor is ready.
   */
  ends: string;
  /** `work(words)`: prints the words in one line, and `over` without a newline. */
  prints: string;
}
