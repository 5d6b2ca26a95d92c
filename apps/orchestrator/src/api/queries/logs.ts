/**
 * Log lines, oldest first within every page. With `after` one reads forward (and goes on from the last line seen);
 * otherwise backward from the end or from `before`. The id of a line is its position.
 */
import { functions } from "@bellows/db/schema/functions";
import { logs } from "@bellows/db/schema/logs";
import { InvalidError } from "@bellows/protocol/errors";
import { isId } from "@bellows/protocol/ids";
import type { LogLineView, Page } from "@bellows/protocol/views";
import { and, asc, desc, eq, gt, inArray, lt } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { LogFilter } from "../verbs.ts";
import { firstOfFunctions, ofApps, withPools } from "./first-of-functions.ts";
import { inEnvironment } from "./in-environment.ts";

/**
 * `nextCursor` is the id to pass as `after` (reading forward) or as `before` (reading backward) for the next page.
 * @throws InvalidError when a position is not the id of a line.
 */
export async function listLogs(db: NodePgDatabase, filter: LogFilter): Promise<Page<LogLineView>> {
  const { limit } = filter;
  const forward = filter.after !== undefined;
  const rows = await selectLogs(db, filter, { forward, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = rows.length > limit && last ? last.id : null;
  return { items: forward ? page : page.reverse(), nextCursor };
}

async function selectLogs(
  db: NodePgDatabase,
  filter: LogFilter,
  { forward, limit }: { forward: boolean; limit: number },
): Promise<LogLineView[]> {
  const { appId, functionId, callId, index, containerId } = filter;
  const after = position(filter.after);
  const before = position(filter.before);
  const condition = and(
    after ? gt(logs.id, after) : undefined,
    before ? lt(logs.id, before) : undefined,
    callId ? eq(logs.callId, callId) : undefined,
    index === undefined ? undefined : eq(logs.idx, index),
    containerId ? eq(logs.containerId, containerId) : undefined,
  );
  const within = await inEnvironment(db, filter.environment);
  const of = and(
    functionId ? withPools(functionId) : undefined,
    appId ? eq(functions.appId, appId) : undefined,
    within ? ofApps(db, within) : undefined,
  );
  const order = forward ? "oldest first" : "newest first";
  // A call or a container is the narrower way in.
  const narrowed =
    of && !callId && !containerId
      ? inArray(logs.id, await firstOfFunctions(db, logs, { of, condition, limit, order }))
      : condition;
  return db
    .select({
      id: logs.id,
      atMs: logs.atMs,
      stream: logs.stream,
      functionName: functions.name,
      containerId: logs.containerId,
      callId: logs.callId,
      index: logs.idx,
      text: logs.text,
    })
    .from(logs)
    .innerJoin(functions, eq(logs.functionId, functions.id))
    .where(and(narrowed, of))
    .orderBy(forward ? asc(logs.id) : desc(logs.id))
    .limit(limit);
}

function position(id: string | undefined): string | undefined {
  if (id !== undefined && !isId(id)) {
    throw new InvalidError(`${JSON.stringify(id)} is not the id of a log line; pass the id of a line you were given`);
  }
  return id;
}
