/** Lists longer than a page. */
import type { Page } from "@bellows/protocol/views";

/** The first `limit` items of a paged list. */
export async function firstItems<T>(
  limit: number,
  pageRows: number,
  read: (page: { cursor?: string; limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Page<T> = await read({
      ...(cursor === null ? {} : { cursor }),
      limit: Math.min(pageRows, limit - items.length),
    });
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null || items.length >= limit) return items.slice(0, limit);
  }
}
