/** The id of a call, as a command takes it. */
import { isId } from "@bellows/protocol/ids";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError for what cannot be one. */
export function callId(text: string): string {
  if (isId(text)) return text;
  throw new UsageError(`"${text}" is not the id of a call; \`bellows call list\` shows those there are`);
}
