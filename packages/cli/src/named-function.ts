/** The function of a name, of a stopped app too: its calls and lines are kept. */
import { LIMITS } from "@bellows/protocol/limits";
import type { Command } from "commander";
import { firstItems } from "./pages.ts";
import type { Session } from "./session.ts";
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

/** Of one app: what a deploy takes. */
const MAX_FUNCTIONS = 1_000;

/** @throws NotFoundError naming the functions there are. */
export async function functionIdNamed(
  { request, environment }: Session,
  { appId, app, name }: { appId: string; app: string; name: string },
): Promise<string> {
  const functions = await firstItems(MAX_FUNCTIONS, LIMITS.pageRows, (page) =>
    request((api) => api.functions.list.query({ appId, ...page })),
  );
  const found = functions.find((item) => item.name === name);
  return (found ?? (await request((api) => api.functions.get.query({ app, name, environment })))).id;
}
