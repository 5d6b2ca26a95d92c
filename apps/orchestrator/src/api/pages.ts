/**
 * Pages of lists. A cursor is the key of the last row of a page, made opaque, so that a page costs the same at any
 * depth and rows that come or go in between are neither skipped nor shown twice.
 */
import { InvalidError } from "@bellows/protocol/errors";
import { isId } from "@bellows/protocol/ids";
import type { Page } from "@bellows/protocol/views";

function encodeCursor(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function invalidCursor(): InvalidError {
  return new InvalidError("the cursor is not one of this list; start again without a cursor");
}

/** The id a cursor stands for; undefined on the first page. @throws InvalidError */
export function decodeIdCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = Buffer.from(cursor, "base64url").toString();
  if (!isId(id)) throw invalidCursor();
  return id;
}

/** The index a cursor stands for: where the page begins; 0 on the first page. @throws InvalidError */
export function decodeIndexCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, "base64url").toString();
  if (!/^\d{1,7}$/.test(text)) throw invalidCursor();
  return Number(text);
}

export function indexCursor(nextIndex: number): string {
  return encodeCursor(String(nextIndex));
}

/** A page of rows of which one more than `limit` was asked for. */
export function pageOf<T extends { id: string }>(
  rows: readonly T[],
  limit: number,
): { rows: T[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, nextCursor: rows.length > limit && last ? encodeCursor(last.id) : null };
}

export function mapPage<T extends { id: string }, U>(rows: readonly T[], limit: number, view: (row: T) => U): Page<U> {
  const page = pageOf(rows, limit);
  return { items: page.rows.map(view), nextCursor: page.nextCursor };
}
