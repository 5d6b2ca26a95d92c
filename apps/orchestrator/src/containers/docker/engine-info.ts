/**
 * What an engine says of itself, and whether that is enough. An engine without a cgroup controller takes a limit and drops
 * it with a warning, so what it cannot keep is found out before anything is asked of it.
 */
import { StartupError } from "@bellows/protocol/errors";
import * as z from "zod";
import { asked, type EngineAddress, openEngine } from "./engine.ts";

/** An engine that says nothing for so long is not waited for. */
const PATIENCE_MS = 10_000;

const infoSchema = z.object({
  ServerVersion: z.string(),
  OSType: z.string(),
  InitBinary: z.string().default(""),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  MemoryLimit: z.boolean().default(false),
  PidsLimit: z.boolean().default(false),
  CpuCfsQuota: z.boolean().default(false),
  SecurityOptions: z.array(z.string()).nullish(),
});

export type EngineInfo = z.infer<typeof infoSchema>;

/** Which limits of a container the engine can keep. */
export interface EngineLimits {
  memoryLimit: boolean;
  cpuLimit: boolean;
}

/** @throws StartupError when no engine answers in time. */
export async function readInfo(address: EngineAddress, patienceMs = PATIENCE_MS): Promise<EngineInfo> {
  const docker = openEngine(address, { patienceMs });
  return infoSchema.parse(await asked(`no container can be run at ${address.text}`, () => docker.info()));
}

/** @throws StartupError for an engine that cannot confine a container at all. */
export function limitsOf(info: EngineInfo): EngineLimits {
  const { PidsLimit, SecurityOptions, MemoryLimit, CpuCfsQuota } = info;
  if (!PidsLimit) {
    throw unconfined(
      "limit the processes of a container",
      "give it the cgroup controller `pids`; a rootless one needs it delegated to its user",
    );
  }
  const seccomp = SecurityOptions?.find((option) => option.split(",").includes("name=seccomp"));
  if (seccomp === undefined || seccomp.includes("profile=unconfined")) {
    throw unconfined(
      "filter the system calls of a container",
      "run it on a kernel with seccomp, and with a seccomp profile",
    );
  }
  return { memoryLimit: MemoryLimit, cpuLimit: CpuCfsQuota };
}

function unconfined(what: string, advice: string): StartupError {
  return new StartupError(`the Docker engine cannot ${what}: ${advice}, or set BELLOWS_DRIVER=process`);
}
