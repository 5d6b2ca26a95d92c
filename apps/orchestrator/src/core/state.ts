/**
 * The memory of one function: its calls, their inputs that are not finished, its containers and what each holds.
 * Only shapes are here; each is changed by the file of its name. All of it can be rebuilt from the stored facts and
 * from what the containers say they hold, so a crash of the orchestrator loses nothing that matters.
 */
import type { CallCounts } from "@bellows/protocol/client-frames";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { CallKind, OutputStatus, QueueClass } from "@bellows/protocol/states";
import type { Arrivals } from "./arrivals.ts";
import type { Scaled, ScalingPolicy } from "./autoscale.ts";
import type { BatchTimes } from "./batch-times.ts";
import type { DueTimes } from "./due-times.ts";
import type { ArrivedInput, ParentInput } from "./events.ts";
import type { GpuRoom } from "./gpu-state.ts";
import type { Linked, LinkedList } from "./linked-list.ts";
import type { StartFailures } from "./start-failures.ts";

/**
 * Where an input is: in its call's queue; waiting for its retry to fall due; held by a container; not known yet (a
 * container spoke of it before its value came); or ended.
 */
export type InputPlace = "queued" | "delayed" | "held" | "unknown" | "ended";

/** How an attempt ended, as its container tells it. */
export interface AttemptEnd {
  containerId: string;
  attempt: number;
  status: OutputStatus;
  payload: Uint8Array;
  startedAtMs: number;
  finishedAtMs: number;
}

/** One input that is not finished. Its links belong to the queue of its call, or to the suspects. */
export interface Input extends Linked<Input> {
  readonly call: Call;
  readonly index: number;
  /** Null while only a container has spoken of it (after a restart). */
  value: Uint8Array | null;
  place: InputPlace;
  failedAttempts: number;
  lostAttempts: number;
  /** Number of the latest hand-over; 0 when there was none. */
  lastAttempt: number;
  /** Number of the latest attempt whose failure was charged; told again it is not charged again. */
  judgedAttempt: number;
  queuedAtMs: number;
  /** The latest hand-over, while its container has it. */
  hold: Hold | null;
  /** An attempt without a result that is judged once the input is known, because only then its earlier attempts are. */
  endToJudge: AttemptEnd | null;
}

/**
 * When the batch that forms should go out, if nothing happens before and a slot is free; a time that has passed: now,
 * infinite: never. Asked only while inputs wait.
 */
export type BatchRule = (core: FunctionCore, batching: Batching, nowMs: number) => number;

export type Batching = NonNullable<FunctionSettings["batched"]>;

/** Inputs of a batched function that were handed over together. It takes its slots until the last of them has ended. */
export interface Batch {
  readonly container: Container;
  /** How many inputs it had when it began; null of what was found after a restart. */
  size: number | null;
  /** How many of it the container still holds. */
  left: number;
  /** One; of what was found after a restart, where nobody knows what was together, all that the container has. */
  readonly slots: number;
  readonly startedAtMs: number;
}

/** One attempt that a container holds. Its links are the order of hand-over in the container. */
export interface Hold extends Linked<Hold> {
  readonly input: Input;
  /** The class it is counted in. */
  queueClass: QueueClass;
  readonly attempt: number;
  readonly container: Container;
  /** Null where inputs are handed over one by one. */
  readonly batch: Batch | null;
  /** False while it waits in the agent (prefetched); those of a batch all begin at once. */
  begun: boolean;
  /** Of its value. */
  readonly bytes: number;
  startedAtMs: number;
  recalled: boolean;
  /** The container came back without it: it is taken back at this time unless its output comes first. */
  missingUntilMs: number | null;
  released: boolean;
}

/** Every input of the call that has no output yet ends like this, the ones not loaded yet included. */
export interface Doom {
  status: OutputStatus;
  payload: Uint8Array;
}

/** A call that is not finished. Its links belong to the round of its queue class. */
export interface Call extends Linked<Call> {
  readonly callId: string;
  kind: CallKind;
  queueClass: QueueClass;
  /** False while only containers have spoken of it (after a restart). */
  opened: boolean;
  readonly inputs: Map<number, Input>;
  readonly queued: LinkedList<Input>;
  /** It is in the round of its class. */
  inRound: boolean;
  /** Of the inputs that were in memory, and of the stored ones that were found to have an output. */
  counts: CallCounts;
  /** As its row said when it was opened: the counts are at least these. */
  countsStored: CallCounts;
  inputCount: number | null;
  /** Every input below has been in memory or has its output; those from here to `storedTo` are in Postgres only. */
  cursor: number;
  storedTo: number;
  /** Part of `storedTo - cursor` that is counted in `core.tail`. */
  tailCounted: number;
  /** Inputs asked for with `load` and not answered; 0 when none are. */
  loading: number;
  /** A load brought nothing new: ask again at this time. */
  loadAgainAtMs: number;
  /** Mean bytes of a value, to size the next load; 0 when unknown. */
  meanBytes: number;
  /** Inputs of a sync call that came while stored ones before them were not loaded yet. */
  ahead: ArrivedInput[];
  /** Outputs that came before their inputs were known, until the inputs come; null for most calls, which have none. */
  endedEarly: Map<number, OutputStatus> | null;
  doom: Doom | null;
  cancelled: boolean;
  /** The input whose code made this call. */
  parent: ParentInput | null;
  firstSeenMs: number;
}

export type LiveContainerState = "starting" | "ready" | "lost" | "draining";

/** A container that exists. Its links belong to a bucket of containers with as many taken slots. */
export interface Container extends Linked<Container> {
  readonly id: string;
  readonly deploymentId: string;
  state: LiveContainerState;
  linked: boolean;
  /** When its link was lost last. */
  unlinkedMs: number;
  /** It was found after a restart and has not linked up: what it holds is not known. */
  adopted: boolean;
  slots: number;
  /** How many of them are taken: by batches, or by attempts (then those that wait in the agent count too). */
  taken: number;
  readonly batches: Set<Batch>;
  /** Of attempts that were found after a restart, while it has some of them. */
  foundBatch: Batch | null;
  /** In the order of hand-over. */
  readonly holds: LinkedList<Hold>;
  /** How many of `holds` are being run; the rest waits in the agent. */
  begun: number;
  /** The first of `holds` that has not begun. */
  nextUnbegun: Hold | null;
  recalled: number;
  /** Bytes of the values of those that have not begun. */
  prefetchedBytes: number;
  /** How many of `holds` are not the latest hand-over of an unfinished input: they only take a slot. */
  shadows: number;
  startingSinceMs: number;
  /** When it was ready for the first time; what it was before a restart is not known. */
  readyAtMs: number;
  /** When an attempt last ended here, or the first was handed over. */
  progressAtMs: number;
  /** It made no progress although work waited in it: it gets no more prefetch until an attempt ends. */
  stalled: boolean;
  /** Why it is draining. */
  drainReason: string;
  /** `drain` or `kill` was sent. */
  endAsked: boolean;
  /** Index of the bucket it is in, or -1. */
  bucket: number;
  hungry: boolean;
  /** It runs a suspect: it gets nothing else until it is empty. */
  alone: boolean;
  /** A single-use container that has had its input. */
  used: boolean;
  /** Inputs handed over in this step, sent as one `run` at its end. */
  outbox: Hold[];
}

/** Means in milliseconds; null before the first. */
export interface MeasuredTimes {
  runMs: number | null;
  startMs: number | null;
}

export interface FunctionCore {
  settings: FunctionSettings;
  deploymentId: string;
  environmentCap: number;
  /** What the host's GPUs leave it; null when its code wants none. */
  gpus: GpuRoom | null;
  /** For how many more containers GPUs are waited for; null when that is to be said anew. */
  gpusAwaited: number | null;
  recovering: boolean;
  stopped: boolean;
  readonly calls: Map<string, Call>;
  /** Calls that only containers have spoken of. */
  readonly neverOpened: Set<Call>;
  /** The calls that ended last: an output of theirs that is told again is known to be a repetition. */
  readonly endedCalls: Map<string, number>;
  /** `endedCalls` as a ring, to forget the oldest; the values there are the places here. */
  readonly endedRing: string[];
  endedRingAt: number;
  readonly containers: Map<string, Container>;
  /** Calls with queued inputs, per class, in the order of their turns. */
  readonly rounds: Record<QueueClass, LinkedList<Call>>;
  /** Queued inputs that may have killed their containers; each waits for an empty one, outside of the rounds. */
  readonly suspects: LinkedList<Input>;
  /** The container that gets nothing more so that it becomes empty for a suspect. */
  reserved: Container | null;
  /** Containers that run a suspect, and nothing beside it. */
  alone: number;
  /** Inputs queued in memory, per class, and the bytes of the async ones, delayed ones included. */
  readonly queued: Record<QueueClass, number>;
  asyncBytes: number;
  delayed: number;
  /** Inputs that are in Postgres only. */
  tail: number;
  /** Attempts that run, per class, and those that wait in an agent. */
  readonly begun: Record<QueueClass, number>;
  prefetched: number;
  /** `Load.sharedBatches` of the last decision. */
  sharedBatches: number;
  readonly arrivals: Arrivals;
  readonly batchRule: BatchRule;
  /** How many unfinished calls an input has made of this same function, by `inputIdOf`. */
  readonly children: Map<string, number>;
  readonly dueTimes: DueTimes<Input>;
  /** Async calls that want stored inputs loaded, in the order of asking. */
  readonly wantLoad: Set<Call>;
  /** Sync calls, whose loads wait for no room. */
  readonly wantLoadNow: Set<Call>;
  /** Doomed calls, whose inputs are loaded only to be ended. */
  readonly wantLoadDoomed: Set<Call>;
  /** Calls whose load brought nothing new. */
  readonly stalledLoads: Set<Call>;
  /** Inputs asked for with `load` and not answered, without those of doomed calls: those need no room. */
  loadsAsked: number;
  /** Loads of doomed calls that are not answered. */
  doomedLoads: number;
  /** Containers with a free slot, by the number of those that are taken. */
  readonly buckets: LinkedList<Container>[];
  /** How many containers are in `buckets`. */
  freeContainers: number;
  /** Containers whose slots are full and whose prefetch is low. */
  hungry: Container[];
  /** Containers that hold attempts which have not begun. */
  readonly prefetching: Set<Container>;
  /** Holds that a container came back without. */
  missing: Hold[];
  /** Containers with something in their outbox. */
  readonly outboxes: Container[];
  readonly census: Record<LiveContainerState, number>;
  /** Asked for with `startContainers` and not heard of yet. */
  requested: number;
  requestedAtMs: number;
  /** Mean execution time of finished attempts in milliseconds; null before the first. */
  runMs: number | null;
  /** How many attempts it is the mean of, and when the last of all ended. */
  runsMeasured: number;
  runEndedMs: number | null;
  /** Of batches of this code. */
  batchTimes: BatchTimes;
  /** Mean time from the request to the readiness of containers of this code; null before the first. */
  startMs: number | null;
  /** Those of the code before this one. */
  timesBefore: MeasuredTimes;
  readonly scaling: { readonly policy: ScalingPolicy; last: Scaled | null };
  readonly startFailures: StartFailures;
  /** When prefetching containers are looked at for a stall next; null when none prefetches. */
  stallCheckAtMs: number | null;
  /** The `wake` asked for last. */
  wakeAtMs: number;
}
