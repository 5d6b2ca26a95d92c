/** What an image is made of, in the order in which it is made. */
import type { ImageBuildView } from "@bellows/protocol/views";

export function partsOf({ base, steps, packages }: ImageBuildView): string[] {
  return [base, ...steps, ...packages];
}
