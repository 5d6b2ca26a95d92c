/** The GPUs of a container in a word: `H100`, `2 × A10G`. Pure. */
import type { AssignedGpu } from "@bellows/protocol/gpus";
import { countGpus } from "@bellows/protocol/gpus";

export function gpusText(gpus: readonly AssignedGpu[]): string {
  return Array.from(countGpus(gpus), ([name, count]) => (count === 1 ? name : `${count} × ${name}`)).join(", ");
}
