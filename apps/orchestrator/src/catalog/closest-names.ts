/** What to say to someone who named a thing that does not exist. */
import { distance } from "fastest-levenshtein";

const SHOWN = 8;

/** The names there are, the likeliest meant first: `it has "ocr", "embed"`; `none` when there are none. */
export function closestNames(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return "none";
  const ordered = names.toSorted((a, b) => distance(wanted, a) - distance(wanted, b));
  const more = ordered.length - SHOWN;
  const shown = ordered.slice(0, SHOWN).map((name) => `"${name}"`);
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
