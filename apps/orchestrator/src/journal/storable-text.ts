/** Text as Postgres can hold it: without NUL and without halves of surrogate pairs, both of which user code may log or throw. */
const NOT_STORABLE = /\0|\p{Surrogate}/gu;

export function storableText(text: string): string {
  return text.replace(NOT_STORABLE, "\uFFFD");
}

/** JSON whose every string is storable. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "string" ? storableText(item) : item));
}
