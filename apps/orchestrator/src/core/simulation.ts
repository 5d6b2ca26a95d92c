/** What a simulation is given, and what it answers. */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { ScalingPolicy } from "./autoscale.ts";
import type { BatchRule } from "./state.ts";

/** Inputs in order of time. Both lists are as long as there are inputs. */
export interface Arrivals {
  /** When each comes, in milliseconds from the start of the simulation; never less than the one before. */
  readonly atMs: ArrayLike<number>;
  /** How long each runs. */
  readonly serviceMs: ArrayLike<number>;
}

export interface SimulationModel {
  /** How long the next container takes from being asked for to being ready. */
  startMs: () => number;
  /** How long a batch of inputs with these service times runs. Used for batched functions only; the longest of them when left out. */
  batchMs?: (servicesMs: readonly number[]) => number;
}

export interface Simulation {
  settings: FunctionSettings;
  arrivals: Arrivals;
  model: SimulationModel;
  /** When counting ends: containers that are there are counted until then, inputs without an output are unfinished. */
  untilMs: number;
  /** The policy to try; Bellows's own when left out. */
  policy?: ScalingPolicy;
  /** When batches go out, of a batched function; Bellows's own rule when left out. */
  batchRule?: BatchRule;
  /** Containers that the environment and the GPUs of the hosts allow. */
  environmentCap: number;
  gpusPerContainer: number;
  /** Points of the timeline; 0 for none. */
  timelinePoints: number;
}

/** Equal parts of the time; everything but `arrived` is the highest value in the part. */
export interface TimelinePoint {
  atMs: number;
  arrived: number;
  waiting: number;
  running: number;
  containers: number;
}

export interface SimulationResult {
  /** From coming to beginning, of inputs that have begun; zero when none has. */
  waitMs: { p50: number; p95: number; p99: number; mean: number };
  /** Inputs that began in a container which was not ready when they came. */
  coldStarts: number;
  /** From the request of a start to the end, of all containers. */
  containerSeconds: number;
  gpuSeconds: number;
  unfinished: number;
  /** Changes of the desired number of containers. */
  decisions: number;
  timeline: TimelinePoint[];
}
