/**
 * The containers of one function as the engine sees them: their state, their link, their last stats. Every move goes
 * through `move`, which refuses what `CONTAINER_MOVES` does not allow and hands the fact to the journal.
 */
import type { CommandFrame, StartTimings } from "@bellows/protocol/agent-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import type { AssignedGpu } from "@bellows/protocol/gpus";
import { CONTAINER_MOVES, type ContainerState, isGoneContainer, mayMove } from "@bellows/protocol/states";

/** The way to a container's agent while it is linked. */
export interface AgentPort {
  send(frame: CommandFrame): void;
  close(reason: string): void;
}

export interface ContainerEntry {
  readonly containerId: string;
  readonly deploymentId: string;
  readonly createdAtMs: number;
  /** Found running after a restart of the orchestrator. */
  readonly adopted: boolean;
  readonly gpus: readonly AssignedGpu[];
  state: ContainerState;
  slots: number | null;
  /** It was kept ready, and has taken the code of its function since. */
  booted: boolean;
  /** The bundle that its agent was told to run last; null before it was told. */
  bundleHash: string | null;
  /** How long the driver took to create it. */
  createMs: number;
  timings: ({ createMs: number } & StartTimings) | null;
  port: AgentPort | null;
  /** The core knows what it holds. */
  greeted: boolean;
  /** Since when it has had no link; null while linked. */
  unlinkedAtMs: number | null;
  /** When it was last told to end; null when it was not. */
  endAskedAtMs: number | null;
  reason: string | null;
  error: ErrorData | null;
  cpuPercent: number | null;
  memoryBytes: number | null;
}

export class ContainerTable {
  readonly #containers = new Map<string, ContainerEntry>();
  readonly #moved: (entry: ContainerEntry, atMs: number) => void;

  readonly #counted: (by: number) => void;

  /** `moved` is told of every new container and of every move, to store it; `counted` of how many more there are. */
  constructor(moved: (entry: ContainerEntry, atMs: number) => void, counted: (by: number) => void) {
    this.#moved = moved;
    this.#counted = counted;
  }

  add(
    container: Pick<ContainerEntry, "containerId" | "deploymentId" | "adopted" | "createdAtMs" | "gpus">,
    nowMs: number,
  ): ContainerEntry {
    const entry: ContainerEntry = {
      ...container,
      state: "starting",
      slots: null,
      booted: false,
      bundleHash: null,
      createMs: 0,
      timings: null,
      port: null,
      greeted: false,
      unlinkedAtMs: nowMs,
      endAskedAtMs: null,
      reason: null,
      error: null,
      cpuPercent: null,
      memoryBytes: null,
    };
    this.#containers.set(entry.containerId, entry);
    this.#counted(1);
    if (!entry.adopted) this.#moved(entry, nowMs);
    return entry;
  }

  get(containerId: string): ContainerEntry | undefined {
    return this.#containers.get(containerId);
  }

  values(): Iterable<ContainerEntry> {
    return this.#containers.values();
  }

  get size(): number {
    return this.#containers.size;
  }

  /** Moves a container; what may not be moved there (it is gone already, say) stays. A gone container is forgotten. */
  move(
    entry: ContainerEntry,
    state: ContainerState,
    nowMs: number,
    why: { reason?: string; error?: ErrorData | null } = {},
  ): void {
    if (!mayMove<ContainerState>(CONTAINER_MOVES, entry.state, state)) return;
    entry.state = state;
    entry.reason = why.reason ?? entry.reason;
    entry.error = why.error ?? entry.error;
    this.#moved(entry, nowMs);
    if (isGoneContainer(state) && this.#containers.delete(entry.containerId)) this.#counted(-1);
  }

  /** False when there is no such container. */
  send(containerId: string, frame: CommandFrame): boolean {
    const entry = this.#containers.get(containerId);
    entry?.port?.send(frame);
    return entry !== undefined;
  }
}
