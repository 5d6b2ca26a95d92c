/** The limits of the platform. Each error that enforces one names the limit by the key it has here. */
export const LIMITS = {
  /** Bytes of one encoded input or output. */
  valueBytes: 16 * 1024 * 1024,
  /** Inputs one `map` keeps in flight: sent and not yet taken by the consumer. */
  mapWindow: 1_000,
  /** Inputs of one call. */
  inputsPerCall: 1_000_000,
  /** Inputs of one stored chunk, and of one frame. Measured: a million inputs as chunks take 0.7 s, as rows 4 s. */
  inputsPerChunk: 512,
  /** Bytes of values gathered into one chunk before it is sent although it is not full. */
  chunkBytes: 1024 * 1024,
  /** A call id made by a client may be this far from the server's clock, in milliseconds. */
  callIdSkewMs: 5 * 60_000,
  /** How often a lost input is given back uncharged before it fails with ContainerCrashedError. */
  lostAttempts: 8,
  /** How long a sync call outlives the link of its caller, in milliseconds. */
  vanishedCallerMs: 2 * 60_000,
  /** Calls and their outputs are kept at least this long after the call was made, in milliseconds. */
  retentionMs: 7 * 24 * 3_600_000,
  /** How long an agent runs on without an orchestrator, in milliseconds. */
  agentOrphanMs: 5 * 60_000,
  /** Pools of one function: of other options, or of other constructor arguments. */
  poolsPerFunction: 1_000,
  /** Bytes of the constructor arguments of one pool. */
  poolParametersBytes: 1024 * 1024,
  /** Bytes of one deployed bundle, compressed. */
  bundleBytes: 64 * 1024 * 1024,
  /** Characters of one log line; longer ones are cut with a mark. */
  logLineChars: 16_384,
  /** Rows of one page of any list. */
  pageRows: 100,
} as const;

/**
 * The limits that each environment may set for itself: default, lowest and highest. Errors name them by these keys.
 * A rate is borne five-fold for five seconds before it holds.
 */
export const ENVIRONMENT_LIMITS = {
  /** Sync inputs of one function that wait. */
  pendingSyncInputs: { default: 2_000, min: 1, max: 100_000 },
  /** Sync inputs of one function that wait or run. */
  syncInputs: { default: 25_000, min: 1, max: 100_000 },
  /** Inputs of `spawn` and `spawnMap` of one function that have no output yet. */
  pendingAsyncInputs: { default: 1_000_000, min: 1, max: 100_000_000 },
  /** Calls of `remote`, `remoteGen` and `map` that one token opens, per second. */
  syncCallsPerSecond: { default: 200, min: 1, max: 1_000_000 },
  /** Calls of `spawn` and `spawnMap` that one token opens, per second. */
  asyncCallsPerSecond: { default: 1_500, min: 1, max: 1_000_000 },
  containers: { default: 100, min: 1, max: 4_000 },
} as const;
export type EnvironmentLimits = { [K in keyof typeof ENVIRONMENT_LIMITS]: number };

export const DEFAULT_LIMITS = Object.fromEntries(
  Object.entries(ENVIRONMENT_LIMITS).map(([name, { default: value }]) => [name, value]),
) as EnvironmentLimits;
