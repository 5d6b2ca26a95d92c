/** What a container is told to run. */
import type { Assignment } from "@bellows/protocol/agent-frames";
import type { FunctionRecord } from "../catalog/function-directory.ts";

/** The code and settings of now. A container of an older deployment is about to be drained. */
export function assignmentOf(
  record: FunctionRecord,
  deploymentId: string,
  secrets: Record<string, string>,
): Assignment {
  const { settings, functionId, name, appName, environment, bundleHash } = record;
  return {
    functionId,
    functionName: name,
    appName,
    environment,
    deploymentId,
    bundleHash,
    maxInputs: settings.maxInputs,
    batched: settings.batched !== null,
    timeoutMs: settings.timeoutMs,
    startupTimeoutMs: settings.startupTimeoutMs,
    memoryMiB: settings.memoryMiB,
    env: settings.env,
    secrets,
    parameters: record.parameters,
    // Stored by a version that knew nothing else, it is Node's.
    python: settings.python ?? null,
  };
}
