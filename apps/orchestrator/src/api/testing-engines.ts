/** Engines as tests of the API need them: they know what a test says they know, and remember what they were told. */
import type { EnvironmentLimits } from "@bellows/protocol/limits";
import type { FunctionStats } from "@bellows/protocol/views";
import type { ContainerCode, Engines, FinishedInput, LiveCall, LiveContainer } from "../engine/engines.ts";
import type { GpusInUse } from "../engine/gpu-desk.ts";
import type { MeterReading } from "../metering/function-meter.ts";

export const NO_STATS: FunctionStats = {
  queued: 0,
  running: 0,
  containers: { starting: 0, ready: 0, draining: 0 },
  desiredContainers: 0,
  reason: "",
  degraded: null,
  deadlock: null,
};

/** What the engines are said to know, and what they were told. */
export interface EnginesDouble extends Engines {
  liveCalls: Map<string, LiveCall>;
  finished: Map<string, FinishedInput>;
  containers: LiveContainer[];
  statsByFunction: Map<string, FunctionStats>;
  readings: Map<string, MeterReading>;
  /** How many inputs a retry of this call finds to retry; it finds none of others. */
  retryable: Map<string, number>;
  environments: Map<string, string>;
  /** Of containers. */
  functions: Map<string, string>;
  inUse: GpusInUse;
  codes: Map<string, ContainerCode>;
  told: {
    deployed: string[];
    stopped: string[];
    givenUp: string[];
    submitted: Parameters<Engines["submit"]>[0][];
    cancelled: string[];
    retried: string[];
    limits: [string, EnvironmentLimits][];
    stoppedContainers: string[];
  };
}

export function enginesDouble(): EnginesDouble {
  const liveCalls = new Map<string, LiveCall>();
  const finished = new Map<string, FinishedInput>();
  const containers: LiveContainer[] = [];
  const statsByFunction = new Map<string, FunctionStats>();
  const readings = new Map<string, MeterReading>();
  const retryable = new Map<string, number>();
  const environments = new Map<string, string>();
  const functions = new Map<string, string>();
  const inUse: GpusInUse = { devices: [], holders: new Map(), waiting: [] };
  const codes = new Map<string, ContainerCode>();
  const told: EnginesDouble["told"] = {
    deployed: [],
    stopped: [],
    givenUp: [],
    submitted: [],
    cancelled: [],
    retried: [],
    limits: [],
    stoppedContainers: [],
  };
  return {
    liveCalls,
    finished,
    containers,
    statsByFunction,
    readings,
    retryable,
    environments,
    functions,
    inUse,
    codes,
    told,
    stats: (functionId) => statsByFunction.get(functionId) ?? NO_STATS,
    reading: (functionId) => readings.get(functionId),
    liveContainers: (functionId) => containers.filter((container) => container.functionId === functionId),
    liveCall: (_functionId, callId) => liveCalls.get(callId),
    submit: async (call) => {
      told.submitted.push(call);
      return { callId: call.callId };
    },
    output: async (callId, index) => finished.get(`${callId}:${index}`),
    cancelCall: async (callId) => void told.cancelled.push(callId),
    retryCall: async (callId) => {
      told.retried.push(callId);
      return { retried: retryable.get(callId) ?? 0 };
    },
    gpus: () => inUse,
    environmentOf: (containerId) => environments.get(containerId),
    functionOf: (containerId) => functions.get(containerId),
    codeOf: (containerId) => codes.get(containerId),
    limitsChanged: (environment, limits) => void told.limits.push([environment, limits]),
    stopContainer: async (containerId) => void told.stoppedContainers.push(containerId),
    deployed: async (functionIds) => void told.deployed.push(...functionIds),
    stopped: async (functionIds) => void told.stopped.push(...functionIds),
    giveUp: (functionIds, archive) => {
      told.givenUp.push(...functionIds);
      return archive(functionIds);
    },
  };
}
