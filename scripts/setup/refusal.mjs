/**
 * A failure that the user can mend: one sentence that says what happened and what to do. Whoever catches it prints
 * the sentence and nothing else; any other error is a defect and keeps its stack.
 */
export class Refusal extends Error {
  /** @param {string} sentence @param {{ exitCode?: 1 | 2 }} [options] 1: it failed; 2: wrong usage. */
  constructor(sentence, { exitCode = 1 } = {}) {
    super(sentence);
    this.name = "Refusal";
    this.exitCode = exitCode;
  }
}

/** The `code` of a Node error (`EACCES`), or the text of whatever was thrown. @param {unknown} thrown */
export function reasonOf(thrown) {
  if (thrown instanceof Error && "code" in thrown && typeof thrown.code === "string") return thrown.code;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
