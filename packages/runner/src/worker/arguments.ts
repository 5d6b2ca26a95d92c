/** The arguments of a call, which travel as an encoded array. */
import { decodeValue } from "@bellows/protocol/values";

export function decodeArguments(bytes: Uint8Array): unknown[] {
  const decoded = decodeValue(bytes);
  return Array.isArray(decoded) ? decoded : [decoded];
}
