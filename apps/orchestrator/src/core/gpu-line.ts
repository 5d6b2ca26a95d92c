/**
 * The GPUs of one orchestrator's host: which container has which, and the line of functions that wait for some. Plain
 * data, changed in place by the functions here. Kept true: no device is in two containers.
 *
 * The rule: who has the fewest devices is served first, of equals who came first, one container a turn; who wants more
 * goes to the end of the line. A container in place of one that ended is no turn: where every input has a container of
 * its own, the function would always be at the end, and with every end lose a device to those that have more. A function
 * whose turn it is and for which too few devices are free keeps those that are of use to it: nobody behind it gets
 * them, so a wish for eight is not starved by wishes for one. What nobody ahead keeps may be taken at once by anyone.
 * Keeping has a limit of `KEEP_MS`: devices that never come free (`minContainers` of others) must not leave the rest of
 * the host idle. After it the function lets the others pass for as long, and then keeps again. That devices come free
 * at all is what `gpu-giving.ts` sees to.
 */
import type { AssignedGpu, GpuDevice } from "@bellows/protocol/gpus";
import { gpuGiving } from "./gpu-giving.ts";
import {
  devicesHeld,
  freeGpus,
  type GpuHolder,
  type GpuLine,
  type GpuRoom,
  type GpuWish,
  heldIds,
  inTurn,
  type WaitingForGpus,
} from "./gpu-state.ts";
import { chooseGpus, impossibleGpus, shortageText, usefulGpus } from "./gpus.ts";

/** Longer than inputs commonly run, so that what is in use mostly comes free within it. */
export const KEEP_MS = 10 * 60_000;

/** How many containers of the function could be started now. */
export function gpuRoom(
  line: GpuLine,
  wish: Omit<GpuWish, "count"> & { minContainers?: number },
  nowMs: number,
): GpuRoom {
  if (wish.minContainers !== undefined) line.minContainers.set(wish.functionId, wish.minContainers);
  const giving = gpuGiving(line, wish.functionId, nowMs);
  const impossible = impossibleGpus(wish.requests, line.devices);
  if (impossible !== null) return { more: Number.POSITIVE_INFINITY, why: impossible, giving };
  keepTime(line, nowMs);
  const { own, promised } = planFor(line, wish);
  const held = new Set([...heldIds(line), ...own.flat().map(({ id }) => id)]);
  const kept = usefulGpus(wish.requests, promised, line.devices).size;
  return { more: own.length, why: shortageText(wish.requests, line.devices, held, kept), giving };
}

/** Gives a container its devices; null when it is not its function's turn, or too few are free. */
export function takeGpus(
  line: GpuLine,
  containerId: string,
  wish: Omit<GpuWish, "count">,
  nowMs: number,
): readonly AssignedGpu[] | null {
  keepTime(line, nowMs);
  const [devices] = planFor(line, wish).own;
  if (!devices) return null;
  const gpus = devices.map(({ id, name }) => ({ id, name }));
  holdGpus(line, containerId, { functionId: wish.functionId, gpus });
  served(line, wish.functionId, nowMs);
  return gpus;
}

/** Its equals come before it now in any case: it would have back what it lets go before one that waits for all devices. */
function served(line: GpuLine, functionId: string, nowMs: number): void {
  const turn = line.waiting.find((waiting) => waiting.functionId === functionId);
  if (!turn) return;
  const others = line.waiting.filter((other) => other !== turn);
  const has = devicesHeld(line).get(functionId) ?? 0;
  const isOver = has > turn.had;
  const over = { ...turn, count: turn.count - 1, had: has, sinceMs: nowMs, keepingSinceMs: null, restsUntilMs: 0 };
  const next = isOver ? over : turn;
  line.waiting = next.count > 0 ? [...others, next] : others;
}

/** Notes what a container has, one found after a restart above all. */
export function holdGpus(line: GpuLine, containerId: string, holder: GpuHolder): void {
  if (holder.gpus.length === 0) return;
  line.holders.set(containerId, holder);
  line.version += 1;
}

/** The container is gone. False when it had none. */
export function releaseGpus(line: GpuLine, containerId: string): boolean {
  if (!line.holders.delete(containerId)) return false;
  line.version += 1;
  return true;
}

/** A function wants devices for so many more containers than it can have now; for none, it leaves the line. */
export function awaitGpus(line: GpuLine, wish: GpuWish, nowMs: number): void {
  const isSame = ({ functionId }: GpuWish): boolean => functionId === wish.functionId;
  if (wish.count === 0) line.waiting = line.waiting.filter((turn) => !isSame(turn));
  else if (line.waiting.some(isSame))
    line.waiting = line.waiting.map((turn) => (isSame(turn) ? { ...turn, ...wish } : turn));
  else {
    const had = devicesHeld(line).get(wish.functionId) ?? 0;
    line.waiting = [...line.waiting, { ...wish, sinceMs: nowMs, had, keepingSinceMs: null, restsUntilMs: 0 }];
  }
  line.version += 1;
}

/**
 * What the function would get if it wanted as many containers as it can have, and the free devices that others in the
 * line get or keep before it. One that does not wait yet comes after its equals.
 */
function planFor(line: GpuLine, wish: Omit<GpuWish, "count">): { own: GpuDevice[][]; promised: GpuDevice[] } {
  const wishes: Turn[] = line.waiting.filter(({ functionId }) => functionId !== wish.functionId);
  const place = line.waiting.findIndex(({ functionId }) => functionId === wish.functionId);
  wishes.splice(place < 0 ? wishes.length : place, 0, { ...wish, count: Number.POSITIVE_INFINITY, restsUntilMs: 0 });
  const { given, kept } = plan(line, wishes);
  const own = given.filter(({ functionId }) => functionId === wish.functionId).map(({ devices }) => devices);
  const others = [...given, ...kept].filter(({ functionId }) => functionId !== wish.functionId);
  return { own, promised: others.flatMap(({ devices }) => devices) };
}

type Turn = GpuWish & Pick<WaitingForGpus, "restsUntilMs">;

interface Share {
  functionId: string;
  devices: GpuDevice[];
}

/** Goes through the line, turn by turn, until nothing more can be given. */
function plan(line: GpuLine, wishes: readonly Turn[]): { given: Share[]; kept: Share[] } {
  let free = freeGpus(line);
  const given: Share[] = [];
  const kept: Share[] = [];
  const held = devicesHeld(line);
  let turns = inTurn(wishes, held);
  for (let turn = turns.shift(); turn; turn = turns.shift()) {
    const { functionId, requests, count, restsUntilMs } = turn;
    const chosen = chooseGpus(requests, free);
    const devices = chosen ?? (restsUntilMs > 0 ? [] : [...usefulGpus(requests, free, line.devices)]);
    free = free.filter((device) => !devices.includes(device));
    (chosen ? given : kept).push({ functionId, devices });
    if (!chosen) continue;
    held.set(functionId, (held.get(functionId) ?? 0) + devices.length);
    if (count > 1) turns = inTurn([...turns, { ...turn, count: count - 1 }], held);
  }
  return { given, kept };
}

/** Notes for whom devices are kept, and lets the others pass those for whom it has been too long. */
function keepTime(line: GpuLine, nowMs: number): void {
  if (line.waiting.length === 0) return;
  line.waiting = line.waiting.map((turn) => (turn.restsUntilMs <= nowMs ? { ...turn, restsUntilMs: 0 } : turn));
  const keepers = new Set(
    plan(line, line.waiting).kept.flatMap(({ functionId, devices }) => (devices.length > 0 ? [functionId] : [])),
  );
  line.waiting = line.waiting.map((turn) => {
    const keepingSinceMs = keepers.has(turn.functionId) ? (turn.keepingSinceMs ?? nowMs) : null;
    const isOver = keepingSinceMs !== null && nowMs - keepingSinceMs >= KEEP_MS;
    return isOver ? { ...turn, keepingSinceMs: null, restsUntilMs: nowMs + KEEP_MS } : { ...turn, keepingSinceMs };
  });
}
