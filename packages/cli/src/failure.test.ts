import { AuthError, errorFromData, InvalidError, StartupError } from "@bellows/protocol/errors";
import { beforeAll, expect, test } from "vitest";
import { EXIT_FAILED, EXIT_USAGE, exitCodeOf, failureJson, failureText } from "./failure.ts";
import { UsageError } from "./usage-error.ts";

const style = { cwd: "/nowhere", verbose: false };
const plain = (text: string) => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");
const textOf = (error: unknown) => plain(failureText(error, style));

/** As the bundle's own copy of the classes makes it. */
class ForeignError extends Error {
  readonly code = "INVALID";
  readonly details = {};
}

beforeAll(() => {
  Error.stackTraceLimit = 0;
  return () => {
    Error.stackTraceLimit = 10;
  };
});

test("wrong usage ends with 2, failed work with 1", () => {
  expect(exitCodeOf(new UsageError("no such file"))).toBe(EXIT_USAGE);
  for (const error of [new AuthError("no token"), new Error("boom"), "boom"])
    expect(exitCodeOf(error)).toBe(EXIT_FAILED);
});

test("an error of the platform is its sentence, without its class or its cause", () => {
  const error = new AuthError("no orchestrator is known here; run `npm start`", { cause: new Error("ENOENT") });
  expect(textOf(error)).toBe("error: no orchestrator is known here; run `npm start`");
  expect(textOf(new ForeignError("scaledownWindow: 300 ms is below 2 s"))).toBe(
    "error: scaledownWindow: 300 ms is below 2 s",
  );
});

test("an error of the user's code comes with its name, where it ran and its cause", () => {
  const error = errorFromData({
    code: "REMOTE",
    name: "TypeError",
    message: "no price",
    stack: "TypeError: no price",
    details: { attempts: 3, inputId: "c:7" },
    cause: { code: "REMOTE", name: "RangeError", message: "below zero", stack: "" },
  });
  expect(textOf(error)).toBe("error: TypeError: no price\n  input c:7, 3 attempts\ncaused by: RangeError: below zero");
});

test("an import that threw shows what it threw", () => {
  const error = new StartupError("pages.ts threw while it was loaded", { cause: new SyntaxError("Unexpected token") });
  expect(textOf(error)).toBe("error: pages.ts threw while it was loaded\ncaused by: SyntaxError: Unexpected token");
});

test("a cause that only repeats what was said of it is left out, unless everything is asked for", () => {
  const thrown = new RangeError("no price");
  const load = new StartupError("the code could not be loaded: RangeError: no price", { cause: thrown });
  const error = new StartupError(`3 starts failed in a row; the last one: ${load.message}`, { cause: load });
  expect(textOf(error)).toBe(
    "error: 3 starts failed in a row; the last one: the code could not be loaded: RangeError: no price",
  );
  expect(plain(failureText(error, { ...style, verbose: true }))).toContain("caused by: RangeError: no price");
});

test("for programs an error is its data, without the stack", () => {
  expect(JSON.parse(failureJson(new InvalidError("not JSON", { details: { max: 3 } }), style))).toEqual({
    error: { code: "INVALID", name: "InvalidError", message: "not JSON", details: { max: 3 } },
  });
  expect(JSON.parse(failureJson(new UsageError("no file"), style))).toEqual({
    error: { code: "USAGE", message: "no file" },
  });
});
