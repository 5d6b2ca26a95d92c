/** Calls through the whole product: SDK, orchestrator, containers, Postgres. Every fault of user code reaches its caller, typed. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Bellows,
  ContainerCrashedError,
  FunctionTimeoutError,
  NotFoundError,
  PayloadTooLargeError,
  RemoteError,
  SerializationError,
} from "@bellows/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as faults from "../fixtures/faults.ts";
import { REPOSITORY, type Stack, startStack, until } from "./stack.ts";

let stack: Stack;
let bellows: Bellows;

beforeAll(async () => {
  stack = await startStack();
  bellows = new Bellows({ url: stack.url, token: stack.token });
  const deployed = await stack.bellows(["deploy", "e2e/fixtures/faults.ts"]);
  expect(deployed).toMatchObject({ code: 0 });
}, 240_000);

afterAll(async () => {
  await bellows?.close();
  expect(await stack?.stop()).toBe(0);
}, 60_000);

function named<K extends Exclude<keyof typeof faults, "app">>(name: K) {
  return bellows.functions.fromName<(typeof faults)[K]>("faults", name);
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`resolved with ${String(value)}`),
    (error: unknown) => error,
  );
}

describe("a call", () => {
  it("carries values there and back", async () => {
    const value = {
      when: new Date(5),
      bytes: new Uint8Array([1, 2]),
      map: new Map([["a", new Set([1n])]]),
      gone: undefined,
    };
    expect(await named("echo").remote(value)).toStrictEqual(value);
  });

  it("maps in order over more inputs than its window, on several containers", async () => {
    const indexes = Array.from({ length: 3_000 }, (_, index) => index);
    const results = await named("slowly")
      .map(
        indexes,
        indexes.map((index) => index % 3),
      )
      .toArray();
    expect(results).toEqual(indexes);
  });

  it("of an empty map ends at once", async () => {
    expect(await named("slowly").map([], []).toArray()).toEqual([]);
  });

  it("spawned can be awaited from its id, again and again", async () => {
    const call = await named("echo").spawn("later");
    expect(await call.get()).toBe("later");
    expect(await call.get()).toBe("later");
    expect(await call.status()).toMatchObject({ state: "succeeded" });
  });

  it("cancelled while queued and running ends cancelled", async () => {
    const call = await named("slowly").spawn(1, 60_000);
    await until(async () => (await call.status()).state === "running");
    await call.cancel();
    expect(await rejection(call.get())).toMatchObject({ code: "CANCELLED" });
  });

  it("is tried again as often as its function says", async () => {
    expect(await named("flaky").remote()).toBe(3);
  });
});

describe("a fault of user code", () => {
  it("arrives with its name, message, cause, and a stack in the user's lines", async () => {
    const error = await rejection(named("throwing").remote("milk"));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ name: "RangeError", message: "no milk", attempts: 1, cause: { name: "TypeError" } });
    const source = await readFile(join(REPOSITORY, "e2e/fixtures/faults.ts"), "utf8");
    const line = source.split("\n").findIndex((text) => text.includes("new RangeError")) + 1;
    expect((error as Error).stack).toContain(`fixtures/faults.ts:${line}:`);
    expect((error as Error).stack).not.toContain("worker.mjs");
  });

  it("fails a map in order and cancels its rest", async () => {
    const error = await rejection(named("throwing").map(["a", "b", "c"]).toArray());
    expect(error).toMatchObject({ message: "no a" });
  });

  it("exiting the process is a crash, after its uncharged attempts", async () => {
    const error = await rejection(named("exiting").remote());
    expect(error).toBeInstanceOf(ContainerCrashedError);
  }, 120_000);

  it("blocking the event loop for ever ends at its timeout", async () => {
    const error = await rejection(named("blocking").remote());
    expect(error).toBeInstanceOf(FunctionTimeoutError);
    expect(await named("echo").remote("still here")).toBe("still here");
  });

  it("returning what cannot travel names the path", async () => {
    const error = await rejection(named("unserialisable").remote());
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ message: expect.stringContaining(".result is a function") });
  });

  it("returning too much says how much", async () => {
    expect(await rejection(named("oversized").remote())).toBeInstanceOf(PayloadTooLargeError);
  });
});

describe("a fault of the caller", () => {
  it("naming no function says which there are", async () => {
    const error = await rejection(bellows.functions.fromName("faults", "ecko").remote());
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ message: expect.stringContaining("echo") });
  });

  it("passing what cannot travel fails before anything is sent", async () => {
    expect(await rejection(named("echo").remote(() => 1))).toBeInstanceOf(SerializationError);
  });
});

describe("logs", () => {
  it("belong to the input that wrote them", async () => {
    const words = ["one", "three", "seventeen"];
    expect(await named("chatty").map(words).toArray()).toEqual([3, 5, 9]);
    let lines: { index: number | null; text: string }[] = [];
    await until(async () => {
      const { stdout } = await stack.bellows(["logs", "faults/chatty", "--json"]);
      lines = stdout
        .split("\n")
        .filter(Boolean)
        .flatMap((line) => JSON.parse(line));
      return lines.length >= 6;
    });
    for (const [index, word] of words.entries()) {
      const own = lines.filter((line) => line.index === index).map(({ text }) => text);
      expect(own.sort()).toEqual([`about ${word}`, `done with ${word}`]);
    }
  });
});
