import { describe, expect, it } from "vitest";
import {
  APP_MOVES,
  CALL_MOVES,
  CONTAINER_MOVES,
  INPUT_MOVES,
  isFinishedCall,
  isGoneContainer,
  mayMove,
} from "./states.ts";

describe.each(Object.entries({ APP_MOVES, CALL_MOVES, CONTAINER_MOVES, INPUT_MOVES }))("%s", (_name, moves) => {
  it("moves only to states that exist, and never to itself", () => {
    for (const [from, targets] of Object.entries(moves)) {
      for (const to of targets as string[]) expect(Object.keys(moves)).toContain(to);
      expect(targets).not.toContain(from);
    }
  });
});

describe("states", () => {
  it("a gone container moves no more", () => {
    for (const [state, moves] of Object.entries(CONTAINER_MOVES)) {
      if (isGoneContainer(state as keyof typeof CONTAINER_MOVES)) expect(moves).toEqual([]);
    }
  });

  it("a draining container never takes inputs again", () => {
    expect(mayMove(CONTAINER_MOVES as Record<string, readonly string[]>, "draining", "ready")).toBe(false);
  });

  it("only a running call is unfinished", () => {
    expect(isFinishedCall("running")).toBe(false);
    expect(isFinishedCall("cancelled")).toBe(true);
  });
});
