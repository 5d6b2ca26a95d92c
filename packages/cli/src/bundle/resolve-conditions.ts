/**
 * The package conditions under which this process itself resolves imports (`node --conditions=NAME`). The user's code
 * is bundled under the same ones, so a process started on sources bundles sources.
 */
export function resolveConditions(execArgv: readonly string[]): string[] {
  const conditions: string[] = [];
  for (const [index, argument] of execArgv.entries()) {
    const [flag, value] = argument.split("=", 2);
    if (flag !== "--conditions" && flag !== "-C") continue;
    const name = value ?? execArgv[index + 1];
    if (name) conditions.push(name);
  }
  return conditions;
}
