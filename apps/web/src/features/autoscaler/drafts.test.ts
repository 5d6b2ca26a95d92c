import type { EffectiveSettings } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { changesOf, draftChanges, draftOf, draftProblem, draftsProblem } from "./drafts.ts";

function set(value: number, layer: EffectiveSettings["minContainers"]["layer"] = "default") {
  return { value, layer, setBy: null, atMs: null };
}

const current: EffectiveSettings = {
  minContainers: set(0),
  maxContainers: set(100),
  bufferContainers: set(2, "override"),
  scaledownWindowMs: set(60_000, "code"),
  scaleupWindowMs: set(0),
  targetInputs: set(4),
};

test("a text that says what holds already is no draft, however it is written", () => {
  expect(draftOf("minContainers", " 0 ", current)).toBeUndefined();
  expect(draftOf("scaledownWindowMs", "1m", current)).toBeUndefined();
  expect(draftOf("scaledownWindowMs", "60s", current)).toBeUndefined();
  expect(draftOf("scaledownWindowMs", "61s", current)).toEqual({ to: "value", text: "61s" });
});

test("what is wrong is said in the words of the API, without the name of the field it stands at", () => {
  const problem = (setting: keyof EffectiveSettings, text: string) => draftProblem(setting, { to: "value", text });
  expect(problem("maxContainers", "5000")).toBe("5000 is above 4,000");
  expect(problem("minContainers", "-1")).toBe("-1 is below 0");
  expect(problem("minContainers", "1.5")).toBe("1.5 is not a whole number");
  expect(problem("scaledownWindowMs", "300")).toContain('did you mean "300s"?');
  expect(problem("scaledownWindowMs", "1h")).toContain("is above 20 min");
  expect(problem("scaledownWindowMs", "five")).toBe('"five" is not a duration; write 500ms, 90s, 5m or 1h');
  expect(problem("maxContainers", "")).toBe('"" is not a number');
  expect(problem("maxContainers", "7")).toBeUndefined();
});

test("drafts that contradict each other, or what holds beside them, are refused together", () => {
  const drafts = { minContainers: { to: "value", text: "101" } } as const;
  expect(draftsProblem(drafts, current, 4)).toContain("101 is above maxContainers 100");
  expect(draftsProblem({ ...drafts, maxContainers: { to: "value", text: "200" } }, current, 4)).toBeUndefined();
  expect(draftsProblem({ targetInputs: { to: "value", text: "5" } }, current, 4)).toContain("above maxInputs 4");
  // What the code says is not known here: the API judges it.
  expect(draftsProblem({ ...drafts, maxContainers: { to: "code" } }, current, 4)).toBeUndefined();
});

test("drafts become what the API takes, and sentences for whoever saves them", () => {
  const drafts = {
    scaledownWindowMs: { to: "value", text: "5m" },
    bufferContainers: { to: "code" },
    maxContainers: { to: "value", text: "1000" },
  } as const;
  expect(changesOf(drafts)).toEqual({ scaledownWindow: "5m", bufferContainers: null, maxContainers: 1_000 });
  expect(draftChanges(drafts, current)).toEqual([
    { setting: "maxContainers", from: "100", to: "1,000" },
    { setting: "bufferContainers", from: "2", to: null },
    { setting: "scaledownWindowMs", from: "1m", to: "5m" },
  ]);
});
