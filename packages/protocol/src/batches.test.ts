import { describe, expect, it } from "vitest";
import { listsOf, refuseArguments, resultsOfBatch } from "./batches.ts";

describe("a batch", () => {
  it("becomes a list for each argument, in the order of its inputs", () => {
    expect(
      listsOf(
        [
          ["a", 1],
          ["b", 2],
          ["c", undefined],
        ],
        2,
      ),
    ).toEqual([
      ["a", "b", "c"],
      [1, 2, undefined],
    ]);
  });

  it("has one result for each input, or says both numbers", () => {
    expect(resultsOfBatch([1, 2], 2)).toEqual([1, 2]);
    expect(() => resultsOfBatch([1, 2], 1)).toThrow("the batch had 1 input and the handler returned a list of 2");
    expect(() => resultsOfBatch([1], 1_000)).toThrow("the batch had 1,000 inputs and the handler returned a list of 1");
    expect(() => resultsOfBatch("ab", 2)).toThrow(
      "the batch had 2 inputs and the handler returned a string, which is no list; return one result per input",
    );
  });

  it.each([
    [Float32Array.of(1, 2), "a Float32Array, which is no list (Array.from(...) makes one);"],
    [Int8Array.of(1, 2), "an Int8Array, which is no list (Array.from(...) makes one);"],
    [new Set([1, 2]), "a Set, which is no list (Array.from(...) makes one);"],
    [{ length: 2 }, "an Object, which is no list;"],
    [Object.create(null), "an object, which is no list;"],
    [undefined, "nothing;"],
    [null, "nothing;"],
  ])("whose result is no list, %o, is told what it is, and the way to one", (returned, said) => {
    expect(() => resultsOfBatch(returned, 2)).toThrow(`the handler returned ${said}`);
  });

  it("takes no input with more or fewer arguments than there are lists", () => {
    expect(() => refuseArguments(2, 2)).not.toThrow();
    expect(() => refuseArguments(1, 2)).toThrow("the input has 1 argument and the batched handler takes 2 lists");
    expect(() => refuseArguments(3, 1)).toThrow("the input has 3 arguments and the batched handler takes 1 list;");
  });
});
