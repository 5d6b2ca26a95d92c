import fc from "fast-check";
import { expect, test } from "vitest";
import { addAt, earliest, emptyDueTimes, takeDue } from "./due-times.ts";

test("what is due comes earliest first, equal times in the order of adding", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const due = emptyDueTimes<{ at: number; order: number }>();
      times.forEach((at, order) => {
        addAt(due, at, { at, order });
      });
      const taken = times.map(() => takeDue(due, 20));
      const expected = times.map((at, order) => ({ at, order })).sort((a, b) => a.at - b.at || a.order - b.order);
      expect(taken).toEqual(expected);
    }),
  );
});

test("nothing comes before its time", () => {
  const due = emptyDueTimes<string>();
  addAt(due, 10, "ten");
  expect(takeDue(due, 9)).toBeUndefined();
  expect(earliest(due)).toBe(10);
  expect(takeDue(due, 10)).toBe("ten");
  expect(earliest(due)).toBeNull();
});
