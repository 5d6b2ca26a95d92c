/**
 * Whether this orchestrator can do what the settings of a function ask for. A setting that would be ignored is refused
 * when the function is deployed, never later.
 */
import { InvalidError } from "@bellows/protocol/errors";
import { type FunctionSettings, parseFunctionOptions } from "@bellows/protocol/function-options";
import { gpuRequestOf } from "@bellows/protocol/gpus";
import { isStored, partForEngine } from "@bellows/protocol/image";
import type { DriverCapabilities } from "../containers/driver.ts";
import { impossibleGpus } from "../core/gpus.ts";

interface Demand {
  option: string;
  asked: (settings: FunctionSettings) => boolean;
  served: (capabilities: DriverCapabilities) => boolean;
  advice: string;
}

const notYet = (): boolean => false;
/** What makes no sense, in whatever version. */
const never = (): boolean => false;

const DEMANDS: readonly Demand[] = [
  {
    option: "batched",
    asked: (s) => s.batched !== null && s.kind === "generator",
    served: never,
    advice: "what a generator yields streams to one caller; leave it out",
  },
  {
    option: "batched",
    asked: (s) => s.batched !== null && s.methods.length > 1,
    served: never,
    advice: "a batch is of one method; leave the class one with @method(), or define a class for each",
  },
  {
    option: "image",
    asked: (s) => s.image !== null && partForEngine(s.image) !== null,
    served: (c) => c.images,
    advice:
      "the process driver serves npmInstall, env and copy to a relative path; for anything else run on Docker (BELLOWS_DRIVER=docker)",
  },
  {
    option: "image",
    asked: (s) => s.image !== null && !isStored(s.image),
    served: notYet,
    advice:
      "the files that it copies were not stored; `copy` and `fromDockerfile` are for functions that a file deploys",
  },
  {
    option: "schedule",
    asked: (s) => s.schedule !== null,
    served: notYet,
    advice: "schedules are not in this version; call the function from outside, with `bellows call` and cron",
  },
  {
    option: "memorySnapshot",
    asked: (s) => s.memorySnapshot,
    served: notYet,
    advice: "snapshots are not in this version; leave it out, containers start normally",
  },
  {
    option: "gpuSnapshot",
    asked: (s) => s.gpuSnapshot,
    served: notYet,
    advice: "snapshots are not in this version; leave it out, containers start normally",
  },
  {
    option: "retries",
    asked: (s) => s.kind === "generator" && s.retries.maxRetries > 0,
    served: never,
    advice: "what a generator has yielded cannot be taken back, so it is never tried again; leave it out",
  },
  {
    option: "blockNetwork",
    asked: (s) => s.blockNetwork,
    served: (c) => c.blockNetwork,
    advice: "the driver in use cannot cut off the network; run on Docker (BELLOWS_DRIVER=docker), or leave it out",
  },
  {
    option: "cpu",
    asked: (s) => s.cpu !== null,
    served: (c) => c.cpuLimit,
    advice: "the driver in use cannot limit CPU; run on Docker (BELLOWS_DRIVER=docker), or leave it out",
  },
  {
    option: "memory",
    asked: (s) => s.memoryMiB !== null,
    served: (c) => c.memoryLimit,
    advice: "the driver in use cannot limit memory; leave it out",
  },
];

/** @throws InvalidError naming function, option, and what to do instead. */
export function refuseUnservable(name: string, settings: FunctionSettings, capabilities: DriverCapabilities): void {
  const noGpu = settings.gpu && impossibleGpus(settings.gpu.map(gpuRequestOf), capabilities.gpus);
  if (noGpu) throw new InvalidError(`function "${name}", option gpu: ${noGpu}; ask for what it has, or leave it out`);
  for (const { option, asked, served, advice } of DEMANDS) {
    if (asked(settings) && !served(capabilities)) {
      throw new InvalidError(`function "${name}", option ${option}: ${advice}`);
    }
  }
}

const METHOD_NAME = /^[A-Za-z_$][\w$]{0,63}$/;
const MAX_METHODS = 200;

/**
 * A class has methods, and nothing else has.
 * @throws InvalidError naming function and method.
 */
export function refuseMethods(name: string, { kind, methods }: FunctionSettings): void {
  if (kind !== "class") {
    if (methods.length === 0) return;
    throw new InvalidError(`"${name}" is a ${kind} and has no methods; define a class with app.cls(...)`);
  }
  if (methods.length === 0) {
    throw new InvalidError(`class "${name}" has no method to call; mark one with @method()`);
  }
  if (methods.length > MAX_METHODS) {
    throw new InvalidError(`class "${name}" has ${methods.length} methods; at most ${MAX_METHODS} can be called`);
  }
  const seen = new Set<string>();
  for (const method of methods) {
    if (!METHOD_NAME.test(method) || method === "constructor") {
      throw new InvalidError(
        `class "${name}": ${JSON.stringify(method)} is not the name of a method; use at most 64 letters, digits, _ or $`,
      );
    }
    if (seen.has(method)) throw new InvalidError(`class "${name}": two methods are named "${method}"`);
    seen.add(method);
  }
}

/**
 * The SDK checks bounds where a function is defined; whoever speaks to the API without it is held to the same ones.
 * @throws InvalidError naming function, option, value and bound.
 */
export function refuseOutOfBounds(name: string, settings: FunctionSettings): void {
  const { retries } = settings;
  try {
    parseFunctionOptions({
      name,
      minContainers: settings.minContainers,
      maxContainers: settings.maxContainers,
      bufferContainers: settings.bufferContainers,
      scaledownWindow: settings.scaledownWindowMs,
      scaleupWindow: settings.scaleupWindowMs,
      concurrent: { maxInputs: settings.maxInputs, targetInputs: settings.targetInputs },
      batched: settings.batched ?? undefined,
      retries: {
        maxRetries: retries.maxRetries,
        backoffCoefficient: retries.backoffCoefficient,
        initialDelay: retries.initialDelayMs,
        maxDelay: retries.maxDelayMs,
      },
      timeout: settings.timeoutMs,
      startupTimeout: settings.startupTimeoutMs,
      cpu: settings.cpu ?? undefined,
      memory: settings.memoryMiB ?? undefined,
      env: settings.env,
      secrets: settings.secrets,
      volumes: settings.volumes,
    });
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new InvalidError(`function "${name}", option ${error.message}`);
  }
}
