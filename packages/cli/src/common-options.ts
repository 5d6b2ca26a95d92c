/** The options that every command takes. */
import { type Command, InvalidArgumentError, Option } from "commander";

const DEFAULT_ENVIRONMENT = "main";
const MAX_ROWS = 10_000;

export function withCommonOptions(command: Command): Command {
  return command
    .option("--env <name>", "the environment", DEFAULT_ENVIRONMENT)
    .option("--json", "print JSON on stdout, for programs")
    .option("--verbose", "show whole stacks and the causes of errors");
}

export function limitOption(): Option {
  return new Option("-n, --limit <n>", "at most so many").default(50).argParser((text) => {
    const limit = Number(text);
    if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_ROWS) return limit;
    throw new InvalidArgumentError(`Write a whole number from 1 to ${MAX_ROWS}.`);
  });
}
