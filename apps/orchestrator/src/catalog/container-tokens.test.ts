import { newId } from "@bellows/protocol/ids";
import { describe, expect, it } from "vitest";
import { createContainerTokens } from "./container-tokens.ts";

const tokens = createContainerTokens(new Uint8Array(32).fill(1));
const containerId = newId();

describe("container tokens", () => {
  it("are good for their own container, also after a restart with the same key", () => {
    const token = tokens.containerToken(containerId);
    expect(createContainerTokens(new Uint8Array(32).fill(1)).verifyContainerToken(token)).toBe(containerId);
  });

  it("are good for no other container and no other instance", () => {
    const token = tokens.containerToken(containerId);
    const other = newId();
    expect(tokens.verifyContainerToken(token.replace(containerId, other))).toBeUndefined();
    expect(createContainerTokens(new Uint8Array(32).fill(2)).verifyContainerToken(token)).toBeUndefined();
    expect(tokens.verifyContainerToken(`${token.slice(0, -2)}AA`)).toBeUndefined();
    expect(tokens.verifyContainerToken("")).toBeUndefined();
  });
});
