import type { NamedFunction } from "@bellows/protocol/definitions";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { encodeValue } from "@bellows/protocol/values";
import { describe, expect, it } from "vitest";
import { invocationOf } from "./invocation.ts";
import { RunningInput } from "./running-input.ts";
import { Streams } from "./streams.ts";

const input = new RunningInput("01890a5d-ac96-774b-bcce-b302099a8057", [0, 1, new Uint8Array()]);
const streams = new Streams(() => {});

class Counter {
  readonly #step: number;
  #count: number;
  constructor(start: number, step: number) {
    this.#count = start;
    this.#step = step;
  }
  open() {
    this.#count += 100;
  }
  warm() {
    this.#count *= 2;
  }
  add(times = 1): number {
    this.#count += this.#step * times;
    return this.#count;
  }
  close(): string {
    return `closed at ${this.#count}`;
  }
  get size() {
    return 3;
  }
}

function definition(parts: Partial<NamedFunction>): NamedFunction {
  return {
    name: "work",
    settings: { ...parseFunctionOptions(), kind: "class", methods: ["add", "size"] },
    handler: Counter,
    hooks: { enter: [], exit: [] },
    ...parts,
  };
}

describe("a class", () => {
  it("is constructed with its parameters, and its methods know themselves and their private fields", () => {
    const { call } = invocationOf(definition({}), encodeValue([10, 5]), streams);
    expect(call(["add"], input)).toBe(15);
    expect(call(["add", 2], input)).toBe(25);
  });

  it("has its enter hooks in order, those before a snapshot first", () => {
    const hooks = {
      enter: [
        { name: "warm", snap: false },
        { name: "open", snap: true },
      ],
      exit: ["close"],
    };
    const { call, enter, exit } = invocationOf(definition({ hooks }), encodeValue([1, 1]), streams);
    expect(enter.map(({ name }) => name)).toEqual(["open", "warm"]);
    for (const hook of enter) hook.run();
    expect(call(["add"], input)).toBe(203);
    expect(exit.map((hook) => hook.run())).toEqual(["closed at 203"]);
  });

  it("is called by the names of its methods only", () => {
    const { call } = invocationOf(definition({}), null, streams);
    expect(() => call(["close"], input)).toThrow(
      'class "work" has no method "close" that can be called; it has "add", "size"',
    );
    expect(() => call(["constructor"], input)).toThrow("no method");
    expect(() => call([], input)).toThrow('no method "undefined"');
    expect(() => call(["size"], input)).toThrow('"size" of class "work" is not a method');
  });
});

it("a function is called with its arguments, and has no hooks", () => {
  const sum = definition({ handler: (a: number, b: number) => a + b, settings: parseFunctionOptions() });
  const { call, enter, exit } = invocationOf(sum, null, streams);
  expect(call([1, 2], input)).toBe(3);
  expect([...enter, ...exit]).toEqual([]);
});
