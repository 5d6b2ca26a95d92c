/** Asks a person before something is done to much at once. */
import { createInterface } from "node:readline/promises";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError where nobody can be asked. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`${question} nobody can be asked here; say --yes to go on`);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
