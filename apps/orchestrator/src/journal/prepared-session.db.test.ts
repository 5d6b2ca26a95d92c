import { cloneTestDatabase } from "@bellows/db/testing";
import { expect, test } from "vitest";
import { openPreparedSession } from "./prepared-session.ts";

const url = await cloneTestDatabase();

test("the plan for the end of a call, made while the tables are empty, finds calls by their key", async () => {
  const session = await openPreparedSession(url);
  try {
    const { rows } = await session.query<{ "QUERY PLAN": string }>("explain execute update_calls ('[]')");
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toMatch(/Index Scan using calls_\w+ on calls_/);
    expect(plan).not.toMatch(/Seq Scan on calls_/);
  } finally {
    await session.end();
  }
});
