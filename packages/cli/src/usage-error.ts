/** The command was written wrongly: exit code 2, where failed work gives 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
