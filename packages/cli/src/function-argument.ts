/** The function that a command is about, as it is written: `app/function`, one word. */
import type { Command } from "commander";
import { UsageError } from "./usage-error.ts";

/** The one argument of a command that is about a function. Words behind it are for `appAndFunction` to explain. */
export function functionArgument(command: Command): Command {
  return command.argument("<app/function>").allowExcessArguments();
}

/** The two names in `app/function`, the only word of `words`. @throws UsageError */
export function appAndFunction([word = "", ...others]: readonly string[]): { app: string; name: string } {
  const [app, name, ...rest] = word.split("/");
  if (app && name && rest.length === 0 && others.length === 0) return { app, name };
  const said = [word, ...others].join(" ");
  const [other] = others;
  const isTwoWords = app && other && others.length === 1 && !`${word}${other}`.includes("/");
  throw new UsageError(`"${said}" names no function; write ${isTwoWords ? `${app}/${other}` : "APP/FUNCTION"}`);
}
