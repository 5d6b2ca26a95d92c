import { definitionsOf } from "@bellows/protocol/definitions";
import { expect, test } from "vitest";
import { withPlace } from "./definition-place.ts";
import { loadModule } from "./module-loader.ts";
import { bundled, fixture } from "./testing/fixtures.ts";

async function problemOf(name: string): Promise<unknown> {
  const module = await loadModule(await bundled(fixture(name)), name);
  try {
    definitionsOf(module);
  } catch (error) {
    return withPlace(error, { path: fixture(name), shown: name, functionName: undefined });
  }
  return undefined;
}

test.each([
  ["no-app.ts", 'no-app.ts: the file exports no app; add `export const app = new App("name")`'],
  ["hidden-app.ts", "hidden-app.ts:4: the app that is made here is not exported; write `export const` before it"],
  [
    "unnamed-function.ts",
    "unnamed-function.ts:6: a function of the app is neither exported nor named; export it, or give it a `name`",
  ],
  ["two-apps.ts", "the file exports 2 apps (first, second); export one"],
])("a wrong definition is told with its place: %s", async (name, message) => {
  expect(await problemOf(name)).toMatchObject({ code: "INVALID", message });
});
