import { tellLinkState } from "@bellows/protocol/link-state";
import { expect, it } from "vitest";
import { noticeLostLinks } from "./link-notice.ts";

it("says once that the orchestrator is gone and once that it is back, for all links together", () => {
  const said: string[] = [];
  noticeLostLinks((text) => said.push(text));
  const tell = (state: "lost" | "back") => tellLinkState({ state, url: "http://here", patienceMs: 300_000 });
  tell("back");
  tell("lost");
  tell("lost");
  tell("back");
  expect(said).toEqual([expect.stringContaining("lost the orchestrator at http://here; waiting up to 5 min for it")]);
  tell("back");
  expect(said[1]).toContain("the orchestrator is back");
  tell("lost");
  expect(said).toHaveLength(3);
});
