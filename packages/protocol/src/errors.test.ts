import { describe, expect, it, vi } from "vitest";
import {
  BellowsError,
  ERROR_CODES,
  errorData,
  errorDataSchema,
  errorFromData,
  LimitExceededError,
  NotFoundError,
  RemoteError,
  remoteErrorData,
} from "./errors.ts";

describe("errors", () => {
  it("have a class for every code, and come back as it", () => {
    for (const code of ERROR_CODES) {
      const error = errorFromData({ code, message: "m" });
      expect(error).toBeInstanceOf(BellowsError);
      expect(error.code).toBe(code);
    }
    expect(errorFromData(errorData(new NotFoundError("gone")))).toBeInstanceOf(NotFoundError);
  });

  it("carry what user code threw: name, message, stack and the chain of causes", () => {
    const thrown = new RangeError("outer", { cause: new TypeError("inner", { cause: "text" }) });
    const back = errorFromData(errorDataSchema.parse(remoteErrorData(thrown)));
    expect(back).toBeInstanceOf(RemoteError);
    expect(back.name).toBe("RangeError");
    expect(back.stack).toBe(thrown.stack);
    expect((back.cause as RemoteError).name).toBe("TypeError");
    expect(((back.cause as RemoteError).cause as RemoteError).message).toBe("text");
  });

  it("carry anything thrown", () => {
    expect(remoteErrorData("text").message).toBe("text");
    expect(remoteErrorData(undefined).message).toBe("undefined");
  });

  it("end a cyclic chain of causes", () => {
    const error = new Error("loop");
    error.cause = error;
    expect(JSON.stringify(remoteErrorData(error)).length).toBeLessThan(100_000);
  });

  it("give the numbers of a limit", () => {
    const details = { limit: "inputsPerCall", max: 10, current: 11, retryAfterMs: null };
    const back = errorFromData(errorData(new LimitExceededError("too many", { details })));
    expect(back).toMatchObject({ limit: "inputsPerCall", max: 10, current: 11, retryAfterMs: null });
  });

  it("are known as errors of Bellows when another copy of the code made them, as the one in a bundle does", async () => {
    vi.resetModules();
    const copy = await import("./errors.ts");
    expect(copy.NotFoundError).not.toBe(NotFoundError);
    const error = new copy.NotFoundError("no such app");
    expect(error).toBeInstanceOf(BellowsError);
    expect(error).not.toBeInstanceOf(NotFoundError);
    expect(errorData(error)).toMatchObject({ code: "NOT_FOUND", message: "no such app" });
    expect(new Error("x")).not.toBeInstanceOf(BellowsError);
    expect(null).not.toBeInstanceOf(BellowsError);
  });
});
