import { expect, test } from "vitest";
import config from "../../vitest.config.ts";
import { CHECK_SUITES, TEST_SUITES } from "./suites.mjs";

test("every project of Vitest is a suite, so that none of its tests is left unrun", () => {
  const projects = (config.test?.projects ?? []).map((project) =>
    typeof project === "object" && "test" in project ? project.test?.name : undefined,
  );
  const suites = [...CHECK_SUITES, ...TEST_SUITES].filter(({ report }) => report === "vitest");
  expect(suites.map(({ name }) => name).sort()).toEqual(projects.sort());
});
