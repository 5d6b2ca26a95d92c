/** How a container of the engine ended, as an error or as none. */
import { ContainerCrashedError, type ErrorData, errorData } from "@bellows/protocol/errors";
import type { ContainerInspectInfo } from "dockerode";
import { codeMiB } from "./container-options.ts";

const TOLD_CHARS = 2_000;
/** 128 and SIGKILL. */
const KILLED = 137;

/** `said` is the end of what its agent printed. */
export function endError(
  containerId: string,
  { State: state, HostConfig: host }: Pick<ContainerInspectInfo, "State" | "HostConfig">,
  { askedFor, said }: { askedFor: boolean; said: string },
): ErrorData | null {
  if (askedFor || state.ExitCode === 0) return null;
  // Also said of a container that outlived one of its processes, and then ended by itself.
  const forMemory = state.OOMKilled && state.ExitCode === KILLED;
  const limitMiB = host.Memory ? codeMiB(host.Memory) : null;
  const how = forMemory
    ? `was killed for using more memory than ${limitMiB === null ? "the host has" : `its limit of ${limitMiB} MiB`}; raise \`memory\` or use less`
    : state.ExitCode > 128
      ? `was killed by signal ${state.ExitCode - 128}`
      : `ended with status ${state.ExitCode}`;
  const last = said.trim().slice(-TOLD_CHARS);
  return crashed(`the container ${containerId} ${how}${last ? `; its agent said last:\n${last}` : ""}`, {
    containerId,
    status: state.ExitCode,
    limitMiB: forMemory ? limitMiB : null,
  });
}

export function removedError(containerId: string): ErrorData {
  return crashed(`the container ${containerId} was removed from the Docker engine by somebody else`, { containerId });
}

function crashed(message: string, details: NonNullable<ErrorData["details"]>): ErrorData {
  const { stack: _stack, ...data } = errorData(new ContainerCrashedError(message, { details }));
  return data;
}
