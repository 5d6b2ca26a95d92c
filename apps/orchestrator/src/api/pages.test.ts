import { InvalidError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { describe, expect, it } from "vitest";
import { decodeIdCursor, decodeIndexCursor, indexCursor, pageOf } from "./pages.ts";

describe("pages", () => {
  it("gives a cursor only when there is another row", () => {
    const rows = [{ id: newId() }, { id: newId() }, { id: newId() }];
    const page = pageOf(rows, 2);
    expect(page.rows).toEqual(rows.slice(0, 2));
    expect(decodeIdCursor(page.nextCursor ?? undefined)).toBe(rows[1]?.id);
    expect(pageOf(rows, 3).nextCursor).toBeNull();
    expect(pageOf([], 3).nextCursor).toBeNull();
  });

  it("goes on where an index cursor points", () => {
    expect(decodeIndexCursor(indexCursor(999_999))).toBe(999_999);
    expect(decodeIndexCursor(undefined)).toBe(0);
  });

  it.each(["", "!", "x'; drop table calls", Buffer.from("-1").toString("base64url")])(
    "refuses a cursor it did not make: %j",
    (cursor) => {
      expect(() => decodeIdCursor(cursor)).toThrow(InvalidError);
      expect(() => decodeIndexCursor(cursor)).toThrow(InvalidError);
    },
  );
});
