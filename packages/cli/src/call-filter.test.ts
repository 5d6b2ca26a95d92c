import { createApiClient } from "@bellows/sdk/api-client";
import { Command } from "commander";
import { expect, test } from "vitest";
import { type CallFilterOptions, callFilter, isFiltered, withCallFilter } from "./call-filter.ts";

const NOW_MS = 1_800_000_000_000;
const credentials = { url: "http://127.0.0.1:9", token: "t" };
const session = { credentials, environment: "main", request: createApiClient(credentials).request };

function parsed(...words: string[]): CallFilterOptions {
  return withCallFilter(new Command()).parse(words, { from: "user" }).opts<CallFilterOptions>();
}

test("any flag is a filter", () => {
  expect(isFiltered(parsed())).toBe(false);
  for (const flag of ["--app=a", "--state=failed", "--kind=spawn", "--search=x", "--parent=p", "--since=1h"]) {
    expect(isFiltered(parsed(flag)), flag).toBe(true);
  }
});

test("since long ago is since ever", async () => {
  expect(await callFilter(session, parsed("--since", "2h"), NOW_MS)).toMatchObject({ fromMs: NOW_MS - 7_200_000 });
  expect(await callFilter(session, parsed("--since", "30000d"), NOW_MS)).toMatchObject({ fromMs: 0 });
});
