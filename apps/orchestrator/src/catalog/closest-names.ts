/** What to say to someone who named a thing that does not exist. */
import { listNames } from "@bellows/protocol/known-names";
import { distance } from "fastest-levenshtein";

const SHOWN = 8;

/** The names there are, or those of them that are likeliest meant: `it has "embed", "ocr"`; `none` when there are none. */
export function closestNames(wanted: string, names: readonly string[]): string {
  const likeliest = names.toSorted((a, b) => distance(wanted, a) - distance(wanted, b)).slice(0, SHOWN);
  const more = names.length - likeliest.length;
  return listNames(likeliest) + (more > 0 ? ` and ${more} more` : "");
}
