/** The GPUs of a container in a word: `H100`, `2 × A10G`, and what they do. Pure. */
import type { AssignedGpu } from "@bellows/protocol/gpus";
import { countGpus } from "@bellows/protocol/gpus";
import type { ContainerView } from "@bellows/protocol/views";
import { formatBytes, formatPercent } from "../../lib/format.ts";

const MIB = 1024 * 1024;

export function gpusText(gpus: readonly AssignedGpu[]): string {
  return Array.from(countGpus(gpus), ([name, count]) => (count === 1 ? name : `${count} × ${name}`)).join(", ");
}

/** `37 % busy, 1.0 GiB used`: the mean of the devices, and the sum of their memory. Null where nothing is known of any. */
export function gpusUsage(gpus: ContainerView["gpus"]): string | null {
  const busy = gpus.flatMap(({ usage }) => usage?.busyPercent ?? []);
  const used = gpus.flatMap(({ usage }) => usage?.memoryUsedMiB ?? []);
  const parts = [
    busy.length > 0 ? `${formatPercent(sum(busy) / busy.length)} busy` : "",
    used.length > 0 ? `${formatBytes(sum(used) * MIB)} used` : "",
  ];
  return parts.filter((part) => part !== "").join(", ") || null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
