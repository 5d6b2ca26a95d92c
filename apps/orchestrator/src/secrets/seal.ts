/**
 * Sealed bytes: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits for each. They open with the key they were
 * sealed under, for the purpose they were sealed for, and unchanged, or not at all.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `purpose` is not stored: whoever opens them has to know what they were for. Nonce, tag and ciphertext, one after the other. */
export function seal(key: Uint8Array, purpose: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Undefined when they do not open: another key, another purpose, or somebody has changed them. */
export function open(key: Uint8Array, purpose: string, sealed: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(sealed);
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  if (tag.byteLength < TAG_BYTES) return undefined;
  const cipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose));
  try {
    cipher.setAuthTag(tag);
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined;
  }
}

export function newKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** The master key of secrets, from the key of the instance. HKDF with SHA-256 (RFC 5869). */
export function masterKeyOf(instanceKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", instanceKey, new Uint8Array(), "bellows secrets", KEY_BYTES));
}
