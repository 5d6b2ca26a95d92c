/** Two changes of the catalog at once, for tests of what one makes of the other. */
import { sql } from "drizzle-orm";
import { vi } from "vitest";
import type { TestStack } from "../api/testing-stack.ts";

/**
 * `deploy` has checked all that it checks and cannot write yet when `meanwhile` begins; it goes on when that has ended, or
 * waits for it. The outcomes of both.
 */
export async function whileDeploying(
  { db }: TestStack,
  deploy: () => Promise<unknown>,
  meanwhile: () => Promise<unknown>,
): Promise<PromiseSettledResult<unknown>[]> {
  const outcomes: Promise<PromiseSettledResult<unknown>[]>[] = [];
  let endedEarly = false;
  await db.transaction(async (tx) => {
    const waiting = async (): Promise<number> => {
      const { rows } = await tx.execute<{ count: number }>(sql`
        select count(*)::int as count from pg_locks
        where not granted and database = (select oid from pg_database where datname = current_database())`);
      return rows[0]?.count ?? 0;
    };
    const waits = (count: number) =>
      vi.waitUntil(async () => endedEarly || (await waiting()) === count, { timeout: 10_000 });
    // It holds up those that write, and none that read.
    await tx.execute(sql`lock table functions in exclusive mode`);
    outcomes.push(Promise.allSettled([deploy()]));
    await waits(1);
    const other = meanwhile().finally(() => {
      endedEarly = true;
    });
    outcomes.push(Promise.allSettled([other]));
    await waits(2);
  });
  return (await Promise.all(outcomes)).flat();
}
