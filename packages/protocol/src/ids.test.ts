import { describe, expect, it } from "vitest";
import { endOfId, firstIdAt, idsThatBeginWith, idTimeMs, inputIdOf, isId, newId, parseInputId } from "./ids.ts";

describe("ids", () => {
  it("carry their time and sort by it", () => {
    const early = newId(1_700_000_000_000);
    const late = newId(1_700_000_000_001);
    expect(idTimeMs(early)).toBe(1_700_000_000_000);
    expect(early < late).toBe(true);
  });

  it("of one millisecond are not below its first id", () => {
    expect(newId(1_700_000_000_000) >= firstIdAt(1_700_000_000_000)).toBe(true);
    expect(newId(1_699_999_999_999) < firstIdAt(1_700_000_000_000)).toBe(true);
    expect(isId(firstIdAt(1_700_000_000_000))).toBe(true);
  });

  it("of inputs go both ways, and rubbish is none", () => {
    const callId = newId();
    expect(parseInputId(inputIdOf(callId, 12))).toEqual({ callId, index: 12 });
    for (const text of ["", "x:1", `${callId}:`, `${callId}:-1`, `${callId}:1.5`, callId])
      expect(parseInputId(text)).toBeUndefined();
  });

  it("are known by their begin, and by their end when it is long enough to tell one", () => {
    const id = newId();
    for (let chars = 1; chars <= id.length; chars++) {
      const { lowId = "", highId = "" } = idsThatBeginWith(id.slice(0, chars).toUpperCase()) ?? {};
      expect(lowId <= id && id <= highId, `the first ${chars}`).toBe(true);
      expect(endOfId(id.slice(-chars).toUpperCase()), `the last ${chars}`).toBe(
        chars < 6 ? undefined : id.slice(-chars),
      );
    }
    for (const text of ["fn", "pages/ocr", `${id}0`, "0199-abc"]) {
      expect(idsThatBeginWith(text)).toBeUndefined();
      expect(endOfId(text)).toBeUndefined();
    }
  });
});
