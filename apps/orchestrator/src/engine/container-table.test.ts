import { CONTAINER_MOVES, CONTAINER_STATES, type ContainerState } from "@bellows/protocol/states";
import { expect, test } from "vitest";
import { type ContainerEntry, ContainerTable } from "./container-table.ts";

function table(): { containers: ContainerTable; moves: string[] } {
  const moves: string[] = [];
  const containers = new ContainerTable(
    ({ state }, atMs) => void moves.push(`${state} at ${atMs}`),
    () => {},
  );
  return { containers, moves };
}

function add(containers: ContainerTable, adopted = false): ContainerEntry {
  return containers.add({ containerId: "c", deploymentId: "d", adopted, createdAtMs: 1, gpus: [] }, 2);
}

test("a new container is stored, an adopted one has been", () => {
  const { containers, moves } = table();
  add(containers);
  expect(moves).toEqual(["starting at 2"]);
  add(containers, true);
  expect(moves).toEqual(["starting at 2"]);
});

test("an adopted container has its time to link up from now, however old it is", () => {
  const { containers } = table();
  expect(add(containers, true)).toMatchObject({ createdAtMs: 1, unlinkedAtMs: 2 });
});

test.each(CONTAINER_STATES)("from %s only legal moves are made and stored", (from) => {
  for (const to of CONTAINER_STATES) {
    const { containers, moves } = table();
    const entry = add(containers);
    entry.state = from;
    containers.move(entry, to, 5);
    const legal = (CONTAINER_MOVES[from] as readonly ContainerState[]).includes(to);
    expect(entry.state).toBe(legal ? to : from);
    expect(moves.slice(1)).toEqual(legal ? [`${to} at 5`] : []);
  }
});

test.each(["stopped", "failed"] as const)("a container that is %s is forgotten and moves no more", (end) => {
  const { containers } = table();
  const entry = add(containers);
  containers.move(entry, end, 5, { reason: "first" });
  containers.move(entry, "ready", 6, { reason: "second" });
  expect(containers.get("c")).toBeUndefined();
  expect(entry).toMatchObject({ state: end, reason: "first" });
});

test("why it ended is kept when a later move gives no reason", () => {
  const { containers } = table();
  const entry = add(containers);
  containers.move(entry, "draining", 5, { reason: "idle" });
  containers.move(entry, "stopped", 6);
  expect(entry.reason).toBe("idle");
});
