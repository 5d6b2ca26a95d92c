import { environments } from "@bellows/db/schema/environments";
import type { CallTreeNode } from "@bellows/protocol/call-views";
import { newId } from "@bellows/protocol/ids";
import { expect, it } from "vitest";
import { ANYWHERE, addCall, deployTestApp, testStack } from "../testing-stack.ts";

const stack = await testStack();
const { verbs } = stack;
const { appId, functions } = await deployTestApp(stack, "nested", { fn: {} });
const target = { appId, functionId: functions[0]?.id ?? "" };
let atMs = Date.now();

/** In the order in which they are made. */
function add(parent?: string): Promise<string> {
  return addCall(stack, target, { id: newId(atMs++), ...(parent === undefined ? {} : { parent }) });
}

function idsIn(node: CallTreeNode): unknown {
  return node.children.length === 0 ? node.call.id : [node.call.id, ...node.children.map(idsIn)];
}

function count(node: CallTreeNode): number {
  return node.children.reduce((sum, child) => sum + count(child), 1);
}

it("shows the whole tree from any call in it, oldest first", async () => {
  const root = await add();
  const [a, b] = [await add(root), await add(root)];
  const below = await add(a);
  await add();
  for (const id of [root, a, b, below]) {
    const tree = await verbs.callTree(id, ANYWHERE);
    expect(idsIn(tree.root)).toEqual([root, [a, below], b]);
    expect(tree.root.hidden).toBe(0);
  }
  expect((await verbs.callTree(below, ANYWHERE)).root.children[0]?.children[0]?.call.parent).toEqual({
    callId: a,
    index: 0,
  });
});

it("shows nothing of another environment, whatever a call names as its parent", async () => {
  const environmentId = newId();
  await stack.db.insert(environments).values({ id: environmentId, name: "elsewhere", createdAtMs: atMs });
  const elsewhere = await addCall(stack, target, { id: newId(atMs++), environmentId });
  const child = await add(elsewhere);
  await addCall(stack, target, { id: newId(atMs++), parent: child, environmentId });
  expect(idsIn((await verbs.callTree(child, ANYWHERE)).root)).toEqual(child);
});

it("begins with the oldest call that is kept", async () => {
  const orphan = await add(newId(atMs++));
  const child = await add(orphan);
  expect(idsIn((await verbs.callTree(child, ANYWHERE)).root)).toEqual([orphan, child]);
});

it("says how many calls of a wide one are hidden, and still shows the one that was asked for", async () => {
  const root = await add();
  const children: string[] = [];
  for (let i = 0; i < 60; i++) children.push(await add(root));
  const last = children.at(-1) ?? "";
  const wide = (await verbs.callTree(root, ANYWHERE)).root;
  expect(wide.children.map(({ call }) => call.id)).toEqual(children.slice(0, 50));
  expect(wide.hidden).toBe(10);
  const asked = (await verbs.callTree(last, ANYWHERE)).root;
  expect(asked.children.map(({ call }) => call.id)).toEqual([...children.slice(0, 50), last]);
  expect(asked.hidden).toBe(9);
});

/** So many calls, each made by the one before; the first by `from`. The last. */
async function addBelow(from: string, levels: number): Promise<string> {
  let deepest = from;
  for (let i = 0; i < levels; i++) deepest = await add(deepest);
  return deepest;
}

function depth(node: CallTreeNode): number {
  return 1 + Math.max(0, ...node.children.map(depth));
}

it("begins so far above the call asked for, and says by the parent of its root that this is not the top", async () => {
  const root = await add();
  const middle = await addBelow(root, 50);
  const deepest = await addBelow(middle, 60);
  const whole = (await verbs.callTree(middle, ANYWHERE)).root;
  expect(whole.call).toMatchObject({ id: root, parent: null });
  expect(depth(whole)).toBe(51);
  const part = (await verbs.callTree(deepest, ANYWHERE)).root;
  expect(depth(part)).toBe(51);
  expect(part.call.parent?.callId).toBeDefined();
  expect(JSON.stringify(part)).toContain(deepest);
  expect(depth((await verbs.callTree(part.call.parent?.callId ?? "", ANYWHERE)).root)).toBe(51);
});

it("goes so deep below the root, and shows so many", async () => {
  const root = await add();
  const deepest = await addBelow(root, 20);
  const shallow = (await verbs.callTree(root, ANYWHERE)).root;
  expect(count(shallow)).toBeLessThan(21);
  let node = shallow;
  while (node.children[0]) node = node.children[0];
  expect(node.hidden).toBe(1);
  expect(count((await verbs.callTree(deepest, ANYWHERE)).root)).toBe(21);

  const broad = await add();
  for (let i = 0; i < 20; i++) {
    const child = await add(broad);
    for (let j = 0; j < 20; j++) await add(child);
  }
  const tree = (await verbs.callTree(broad, ANYWHERE)).root;
  expect(count(tree)).toBe(301);
  expect(tree.children.reduce((sum, child) => sum + child.hidden, 0)).toBe(120);
});
