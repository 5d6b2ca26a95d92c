/** What was meant to be kept secret is not shown, however the command was typed. */
import { Command } from "commander";
import { expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { addSecret, variablesIn } from "./secret.ts";

function run(...words: string[]): Promise<Command> {
  const program = new Command();
  addSecret(program);
  return program.parseAsync(["secret", "set", ...words], { from: "user" });
}

it("takes what stands behind the first = as it is", () => {
  expect(variablesIn(["A=b=c", "_B1=", "C=two\nlines"])).toEqual({ A: "b=c", _B1: "", C: "two\nlines" });
});

it.each([
  ["without a variable", ["openai", "A=1", "hunter2"], /word 2 after the name/],
  ["before its variable", ["openai", "hun-ter2=A"], /word 1 after the name/],
  ["where the name of the secret is missing", ["API_KEY=hunter2"], /the first word names the secret/],
  ["alone", ["hunter2"], /give the secret something/],
])("a value %s is not shown", async (_how, words, message) => {
  const error: unknown = await run(...words).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(message);
  expect(String(error)).not.toMatch(/hun-?ter2/);
});
