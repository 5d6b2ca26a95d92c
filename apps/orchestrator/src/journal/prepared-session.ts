/**
 * The session that the journal writes over. What nearly every group holds is planned once, when the session begins;
 * planning it anew took longer than running it (measured for the end of one call: 0.4 ms and 0.1 ms).
 *
 * Such a plan must suit tables of any size, and Postgres takes the list of a group for a hundred rows and small tables
 * for cheap to read whole. So joins go row by row over the keys, which is right for one call and for thousands.
 */
import { connect } from "@bellows/db/connect";
import type pg from "pg";
import { INSERT_CALLS, UPDATE_CALLS } from "./call-rows.ts";
import { CHECK_OWNERS } from "./group-plan.ts";

const SETUP = `
  set enable_hashjoin = off;
  set enable_mergejoin = off;
  set enable_seqscan = off;
  set plan_cache_mode = force_generic_plan;
  prepare check_owners as ${CHECK_OWNERS};
  prepare insert_calls as ${INSERT_CALLS};
  prepare update_calls as ${UPDATE_CALLS}`;

/** @throws ConnectionError. */
export async function openPreparedSession(url: string): Promise<pg.Client> {
  const session = await connect(url, "bellows journal");
  try {
    await session.query(SETUP);
    return session;
  } catch (error) {
    await session.end().catch(() => {});
    throw error;
  }
}
