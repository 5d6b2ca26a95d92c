import type { Pool } from "@bellows/protocol/client-frames";
import { encodeValue } from "@bellows/protocol/values";
import { describe, expect, it } from "vitest";
import { BASE_POOL_KEY, poolKeyOf, poolLabelOf } from "./pool-key.ts";

const pool = (settings: Pool["settings"], parameters: Uint8Array | null = null): Pool => ({ settings, parameters });

describe("poolKeyOf", () => {
  it("is that of the function itself when nothing differs", () => {
    expect(poolKeyOf(null)).toBe(BASE_POOL_KEY);
    expect(poolKeyOf(pool({}))).toBe(BASE_POOL_KEY);
    expect(poolKeyOf(pool({ maxInputs: undefined }))).toBe(BASE_POOL_KEY);
  });

  it("does not depend on the order in which settings were written", () => {
    const a = pool({ maxInputs: 8, env: { A: "1", B: "2" } });
    const b = pool({ env: { B: "2", A: "1" }, maxInputs: 8, timeoutMs: undefined });
    expect(poolKeyOf(a)).toBe(poolKeyOf(b));
    expect(poolKeyOf(a)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("differs with settings, with arguments, and with whether there are arguments", () => {
    const arguments_ = encodeValue(["large"]);
    const keys = [
      pool({ maxInputs: 8 }),
      pool({ maxInputs: 9 }),
      pool({ maxInputs: 8 }, arguments_),
      pool({}, arguments_),
      pool({}, encodeValue(["small"])),
      pool({}, new Uint8Array()),
    ].map(poolKeyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("poolLabelOf", () => {
  it("says what differs in one short line", () => {
    expect(poolLabelOf(pool({ timeoutMs: 5_000, maxInputs: 8 }))).toBe("maxInputs 8 timeoutMs 5000");
    expect(poolLabelOf(pool({}, encodeValue(["large", { half: true }])))).toBe("('large', { half: true })");
    expect(poolLabelOf(pool({ maxInputs: 2 }, encodeValue([7])))).toBe("(7) maxInputs 2");
    expect(poolLabelOf(pool({}, encodeValue(["x".repeat(500)])))).toHaveLength(80);
    expect(poolLabelOf(pool({}, new Uint8Array([0xd9, 0xff])))).toBe("(…)");
  });
});
