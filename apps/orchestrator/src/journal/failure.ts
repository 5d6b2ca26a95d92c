/**
 * What to do about a transaction that failed. Facts are never given up for a reason that may pass or that somebody
 * can mend (Postgres away, disk full, a table missing); only for one that lies in the fact itself.
 */
import { sqlStateOf } from "@bellows/db/connect";

export type Verdict =
  /** The same again, after a pause. */
  | { type: "retry" }
  /** Some rows are there already: take over the new ones. */
  | { type: "merge" }
  /** These owners (`functionId:epoch`) have been succeeded by others. */
  | { type: "stale"; owners: readonly string[] }
  /** A row belongs to a day that has no partition. */
  | { type: "noPartition" }
  /** One of the facts can never be stored. */
  | { type: "unstorable" };

/** https://www.postgresql.org/docs/current/errcodes-appendix.html; BW001 is raised by `check_owners`. */
const STALE_OWNER = "BW001";
const UNIQUE_VIOLATION = "23505";
const CHECK_VIOLATION = "23514";
/** Cardinality violation, data exception, integrity violation, program limit exceeded. */
const UNSTORABLE_CLASSES = ["21", "22", "23", "54"];

export function verdictOn(error: unknown): Verdict {
  const state = sqlStateOf(error);
  if (state === STALE_OWNER) return { type: "stale", owners: detailOf(error).split(",") };
  if (state === UNIQUE_VIOLATION) return { type: "merge" };
  if (state === CHECK_VIOLATION) return { type: "noPartition" };
  if (state?.length === 5 && UNSTORABLE_CLASSES.includes(state.slice(0, 2))) return { type: "unstorable" };
  return { type: "retry" };
}

function detailOf(error: unknown): string {
  return typeof error === "object" && error !== null && "detail" in error ? String(error.detail) : "";
}
