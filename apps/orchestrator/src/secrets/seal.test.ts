import { expect, it } from "vitest";
import { masterKeyOf, newKey, open, seal } from "./seal.ts";

const plain = Buffer.from("hunter2");

it("opens with its key and for its purpose, and is another text each time", () => {
  const key = newKey();
  const sealed = seal(key, "a secret", plain);
  expect(Buffer.from(open(key, "a secret", sealed) ?? [])).toEqual(plain);
  expect(Buffer.from(seal(key, "a secret", plain))).not.toEqual(Buffer.from(sealed));
  expect(Buffer.from(sealed).includes(plain)).toBe(false);
});

it("does not open with another key, for another purpose, or changed in any byte", () => {
  const key = newKey();
  const sealed = Buffer.from(seal(key, "a secret", plain));
  expect(open(newKey(), "a secret", sealed)).toBeUndefined();
  expect(open(key, "another secret", sealed)).toBeUndefined();
  for (let at = 0; at < sealed.byteLength; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(open(key, "a secret", changed)).toBeUndefined();
  }
  for (const length of [0, 5, 20]) expect(open(key, "a secret", sealed.subarray(0, length))).toBeUndefined();
});

it("comes from the key of the instance, and is not that key", () => {
  const instanceKey = newKey();
  expect(masterKeyOf(instanceKey)).toEqual(masterKeyOf(instanceKey));
  expect(masterKeyOf(instanceKey)).not.toEqual(instanceKey);
});
