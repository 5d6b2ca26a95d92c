import { InternalError, NotFoundError } from "@bellows/protocol/errors";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { presentable, shownErrorData, zodSentence } from "./errors.ts";

const log = pino({ level: "silent" });

describe("presentable", () => {
  it("leaves an error of Bellows as it is and keeps this machine's stack to itself", () => {
    const error = new NotFoundError("there is no app");
    expect(presentable(error, log)).toBe(error);
    expect(shownErrorData(error)).toEqual({ code: "NOT_FOUND", name: "NotFoundError", message: "there is no app" });
  });

  it("tells nobody the text of an unexpected error", () => {
    for (const thrown of [new Error('relation "tokens" does not exist'), new InternalError("secret path /x"), "what"]) {
      const shown = shownErrorData(presentable(thrown, log));
      expect(shown.code).toBe("INTERNAL");
      expect(JSON.stringify(shown)).not.toMatch(/relation|secret|what"/);
      expect(shown.message).toContain(String(shown.details?.reference));
    }
  });

  it("says that the database is away, whatever wraps the cause", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
    const wrapped = new Error("Failed query: select 1", { cause: refused });
    expect(presentable(wrapped, log)).toMatchObject({ code: "CONNECTION" });
  });
});

describe("zodSentence", () => {
  it("names the place and the fault", () => {
    const parsed = z.object({ page: z.object({ limit: z.number().max(100) }) }).safeParse({ page: { limit: 1_000 } });
    expect(parsed.error && zodSentence(parsed.error)).toBe("page.limit: is above 100");
  });

  it.each([
    [z.string().min(1), "", "is empty"],
    [z.string().max(2_000), "x".repeat(2_001), "is longer than 2,000 characters"],
    [z.number().min(1), 0, "is below 1"],
    [z.array(z.number()).max(1), [1, 2], "has more than 1 items"],
  ])("says of a bound what is wrong, without the words of the checker", (schema, value, sentence) => {
    const { error } = schema.safeParse(value);
    expect(error && zodSentence(error)).toBe(sentence);
  });
});
