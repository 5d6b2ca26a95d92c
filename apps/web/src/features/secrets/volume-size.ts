import type { VolumeView } from "@bellows/protocol/views";
import { formatBytes } from "../../lib/format.ts";

/** How much is in it, in words: of a large one not everything is counted. */
export function volumeSize({ size }: Pick<VolumeView, "size">): string {
  if (size === null) return "not made yet";
  return size.isWhole ? formatBytes(size.bytes) : `more than ${formatBytes(size.bytes)}`;
}
