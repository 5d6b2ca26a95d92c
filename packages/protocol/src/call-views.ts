/**
 * What the API returns of calls and their inputs. Plain JSON, times in milliseconds since 1970; what it returns of the
 * rest is in `views.ts`.
 */
import type { CallCounts } from "./client-frames.ts";
import type { ErrorData } from "./errors.ts";
import type { AttemptOutcome, CallKind, CallState, InputState } from "./states.ts";

export interface CallView {
  id: string;
  functionId: string;
  functionName: string;
  /** Of a class: the method that its first input calls, as the SDK's calls do with all of theirs. Null until that is stored. */
  method: string | null;
  appId: string;
  appName: string;
  kind: CallKind;
  state: CallState;
  /** Null while the source of a map is still being read. */
  inputCount: number | null;
  /** Inputs received so far. */
  receivedCount: number;
  counts: CallCounts;
  /** The input whose code made this call. */
  parent: { callId: string; index: number } | null;
  /** Somebody asked for its end; what runs may still be ending. */
  cancelAsked: boolean;
  /** While inputs of it wait and none runs, or its function cannot go on: why, in the words of its function (`whyOf`). */
  waitReason: string | null;
  /** Its function is deployed. While it is not, nothing of the call can run again. */
  deployed: boolean;
  createdAtMs: number;
  finishedAtMs: number | null;
}

/**
 * Which calls; every field that is given must fit. `search` fits names of functions and apps, and ids by their begin or by
 * their end (of `ID_END_MIN_CHARS` at least, among the newest `ID_ENDS_SEARCHED` calls).
 */
export interface CallFilter {
  environment?: string | undefined;
  appId?: string | undefined;
  functionId?: string | undefined;
  state?: CallState | undefined;
  kind?: CallKind | undefined;
  search?: string | undefined;
  /** Made by inputs of this call. */
  parentId?: string | undefined;
  /** Created at or after, and before. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

/** What a bulk cancel or retry did: so many calls fitted the filter, so many of them could be cancelled or retried. */
export interface BulkResult {
  matched: number;
  changed: number;
  /** Why it ended before every call that fits was asked; those changed by then stay changed. Absent when none was left out. */
  stoppedBy?: ErrorData | undefined;
}

/** A call and the calls that its inputs made, oldest first, down to some depth and number. */
export interface CallTreeNode {
  call: CallView;
  children: CallTreeNode[];
  /** Calls below that are not shown. */
  hidden: number;
}

/**
 * The tree that a call is part of, from the call that no input made. A root that has a parent is not the top: the calls
 * above it are not kept any more, or are more than are shown at once; a tree of its parent shows those.
 */
export interface CallTree {
  root: CallTreeNode;
}

/** A value or its first part, as text a person reads. `bytes` is the encoded size. */
export interface ValuePreview {
  text: string;
  bytes: number;
  truncated: boolean;
}

export interface AttemptView {
  attempt: number;
  outcome: AttemptOutcome;
  containerId: string | null;
  /** Since when it waited, as near as is known; the input's own `queuedAtMs` may be that of a later retry. */
  queuedAtMs: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  error: ErrorData;
}

export interface InputView {
  callId: string;
  index: number;
  state: InputState;
  attempts: number;
  containerId: string | null;
  queuedAtMs: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
}

/** One input in full: its arguments, how it ended, the attempts that failed before. */
export interface InputDetailView extends InputView {
  arguments: ValuePreview;
  result: ValuePreview | null;
  error: ErrorData | null;
  failedAttempts: AttemptView[];
}
