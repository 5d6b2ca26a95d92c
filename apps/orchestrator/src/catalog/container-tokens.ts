/**
 * Tokens of containers: an HMAC of the container's id, so nothing is stored, and a token found again after a restart
 * is still good for its container and for no other. The key is the instance's own.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const PREFIX = "bellows_container_";
const PATTERN = /^bellows_container_([0-9a-f-]{36})_([\w-]{43})$/;
const KEY_BYTES = 32;

export interface ContainerTokens {
  containerToken(containerId: string): string;
  /** The container whose token this is. */
  verifyContainerToken(token: string): string | undefined;
}

export function createContainerTokens(key: Uint8Array): ContainerTokens {
  function signature(containerId: string): Buffer {
    return createHmac("sha256", key).update(`container:${containerId}`).digest();
  }
  return {
    containerToken: (containerId) => `${PREFIX}${containerId}_${signature(containerId).toString("base64url")}`,
    verifyContainerToken(token) {
      const [, containerId, given] = PATTERN.exec(token) ?? [];
      if (!containerId || !given) return undefined;
      const givenBytes = Buffer.from(given, "base64url");
      const expected = signature(containerId);
      return givenBytes.length === expected.length && timingSafeEqual(givenBytes, expected) ? containerId : undefined;
    },
  };
}

/** The key of an instance that has this master key. */
export function instanceKeyOf(masterKey: string): Uint8Array {
  return createHmac("sha256", masterKey).update("bellows instance key").digest();
}

/** The master key when there is one; otherwise the key in the state folder, made on the first start. */
export async function loadInstanceKey(stateDir: string, masterKey: string | null): Promise<Uint8Array> {
  if (masterKey !== null) return instanceKeyOf(masterKey);
  const path = join(stateDir, "instance-key");
  const stored = await readPrivateFile(path);
  if (stored === undefined) {
    const key = randomBytes(KEY_BYTES);
    await writePrivateFile(path, `${key.toString("hex")}\n`);
    return key;
  }
  const key = Buffer.from(stored.trim(), "hex");
  if (key.length !== KEY_BYTES) {
    throw new InvalidError(
      `${path} does not hold a key; delete it, and running containers will have to be started anew`,
    );
  }
  return key;
}
