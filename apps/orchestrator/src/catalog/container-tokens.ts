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
function instanceKeyOf(masterKey: string): Uint8Array {
  return createHmac("sha256", masterKey).update("bellows instance key").digest();
}

/** The master key when there is one; otherwise the key in the state folder, made on the first start. */
export async function loadInstanceKey(stateDir: string, masterKey: string | null): Promise<Uint8Array> {
  if (masterKey !== null) return instanceKeyOf(masterKey);
  const stored = await storedInstanceKey(stateDir);
  if (stored !== undefined) return stored;
  const key = randomBytes(KEY_BYTES);
  await writePrivateFile(keyPath(stateDir), `${key.toString("hex")}\n`);
  return key;
}

/**
 * What may have been the key of this instance before: that of the master key named as the one before, and the one in the
 * state folder where a master key has taken its place. What is in a file that nobody uses any more is no reason to fail.
 */
export async function previousInstanceKeys(
  stateDir: string,
  { masterKey, previousMasterKey }: { masterKey: string | null; previousMasterKey: string | null },
): Promise<Uint8Array[]> {
  const replaced = masterKey === null ? undefined : await storedInstanceKey(stateDir).catch(() => undefined);
  const named = previousMasterKey === null ? undefined : instanceKeyOf(previousMasterKey);
  return [named, replaced].filter((key) => key !== undefined);
}

/** The key in the state folder. Undefined when none was ever made there. @throws InvalidError */
async function storedInstanceKey(stateDir: string): Promise<Uint8Array | undefined> {
  const stored = await readPrivateFile(keyPath(stateDir));
  if (stored === undefined) return undefined;
  const key = Buffer.from(stored.trim(), "hex");
  if (key.length === KEY_BYTES) return key;
  throw new InvalidError(
    `${keyPath(stateDir)} does not hold a key; put back the file of a backup. Without it secrets cannot be read: if there ` +
      "are none, delete the file, and running containers will be started anew",
  );
}

function keyPath(stateDir: string): string {
  return join(stateDir, "instance-key");
}
