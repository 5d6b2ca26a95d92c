/** What to say to who named a thing that does not exist: the names there are, the same way wherever it is found out. */

/** In order of the alphabet: `"embed", "ocr"`; `none` when there are none. */
export function listNames(names: Iterable<string>): string {
  const sorted = [...names].sort((a, b) => a.localeCompare(b, "en"));
  return sorted.map((name) => `"${name}"`).join(", ") || "none";
}

/** Of a method that a class does not have, or that is not marked to be called. `owner` is the class: `class "Model"`. */
export function noSuchMethod(owner: string, method: string, methods: Iterable<string>): string {
  return (
    `${owner} has no method "${method}" that can be called; it has ${listNames(methods)}. ` +
    "Those that can be called are marked with @method()"
  );
}
