/**
 * A list whose nodes carry their own links: no allocation per member, and a member in the middle leaves in one step.
 * A node is in at most one list of its kind at a time.
 */
export interface Linked<T> {
  prev: T | null;
  next: T | null;
}

export interface LinkedList<T> {
  head: T | null;
  tail: T | null;
  length: number;
}

export function emptyList<T>(): LinkedList<T> {
  return { head: null, tail: null, length: 0 };
}

export function append<T extends Linked<T>>(list: LinkedList<T>, node: T): void {
  node.prev = list.tail;
  node.next = null;
  if (list.tail) list.tail.next = node;
  else list.head = node;
  list.tail = node;
  list.length += 1;
}

/** Puts a node before another one of the list; before null means at the end. */
export function insertBefore<T extends Linked<T>>(list: LinkedList<T>, node: T, before: T | null): void {
  if (!before) return append(list, node);
  node.prev = before.prev;
  node.next = before;
  if (before.prev) before.prev.next = node;
  else list.head = node;
  before.prev = node;
  list.length += 1;
}

export function remove<T extends Linked<T>>(list: LinkedList<T>, node: T): void {
  if (node.prev) node.prev.next = node.next;
  else list.head = node.next;
  if (node.next) node.next.prev = node.prev;
  else list.tail = node.prev;
  node.prev = null;
  node.next = null;
  list.length -= 1;
}
