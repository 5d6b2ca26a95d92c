/**
 * The id of a call, as a command takes it: whole, or by its begin or its end as far as only one call has it. The console
 * shows the last eight characters.
 */
import type { CallView } from "@bellows/protocol/call-views";
import { NotFoundError } from "@bellows/protocol/errors";
import { endOfId, ID_END_MIN_CHARS, ID_ENDS_SEARCHED, idsThatBeginWith, isId } from "@bellows/protocol/ids";
import { calleeText, callState } from "./call-tables.ts";
import { ago } from "./output.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

/** Those that are named when several fit. */
const MAX_CANDIDATES = 5;

/** @throws UsageError for what cannot be an id, or is part of several; NotFoundError. */
export async function callIdOf({ request, environment }: Session, text: string): Promise<string> {
  if (isId(text)) return text.toLowerCase();
  if (!isPart(text)) {
    throw new UsageError(
      `"${text}" is not the id of a call, nor ${ID_END_MIN_CHARS} or more characters of its begin or end; ` +
        "`bellows call list` shows those there are",
    );
  }
  const found = await request((api) => api.calls.find.query({ environment, idPart: text, limit: MAX_CANDIDATES + 1 }));
  const [only, ...others] = found;
  if (only && others.length === 0) return only.id;
  if (only) throw new UsageError(severalFit(text, found));
  throw new NotFoundError(
    `there is no call whose id begins with "${text}", and none among the newest ${ID_ENDS_SEARCHED.toLocaleString("en")} ` +
      "ends with it; give the whole id, or look it up with `bellows call list`",
  );
}

function isPart(text: string): boolean {
  return text.length >= ID_END_MIN_CHARS && (idsThatBeginWith(text) ?? endOfId(text)) !== undefined;
}

function severalFit(text: string, found: readonly CallView[]): string {
  const shown = found.slice(0, MAX_CANDIDATES).map((call) => {
    const made = ago(call.createdAtMs, Date.now());
    return `  ${call.id}  ${calleeText(call)}  ${call.kind}  ${callState(call)}  ${made}`;
  });
  const more = found.length > MAX_CANDIDATES ? ["  and more"] : [];
  return [`"${text}" is part of the ids of several calls; write more of the one you mean:`, ...shown, ...more].join(
    "\n",
  );
}
