/**
 * A pool ends for good when it is archived: whoever asks for the like of it gets a new row, and with it a new engine, while
 * calls of the old one can still be read.
 */
import { functions } from "@bellows/db/schema/functions";
import { sql } from "drizzle-orm";

/** What the key of a row becomes when it is archived. */
export const archivedPoolKey = sql<string>`case when ${functions.baseId} is null then ${functions.poolKey}
  else ${functions.poolKey} || ' ' || ${functions.id} end`;
