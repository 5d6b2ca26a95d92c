/** The work failed, and what the command has printed says so: exit code 1 and no more words. */
export class WorkFailed extends Error {
  override readonly name = "WorkFailed";
}
