/** How a container of the engine ended, as an error or as none. */
import { ContainerCrashedError, type ErrorData, errorData } from "@bellows/protocol/errors";
import type { ContainerInspectInfo } from "dockerode";

const TOLD_CHARS = 2_000;

/** `said` is the end of what its agent printed. */
export function endError(
  containerId: string,
  { State: state, HostConfig: host }: Pick<ContainerInspectInfo, "State" | "HostConfig">,
  { askedFor, said }: { askedFor: boolean; said: string },
): ErrorData | null {
  if (askedFor || (state.ExitCode === 0 && !state.OOMKilled)) return null;
  const limitMiB = host.Memory ? Math.round(host.Memory / 1024 ** 2) : null;
  const how = state.OOMKilled
    ? `was ended for using more than its memory${limitMiB === null ? "" : ` of ${limitMiB} MiB`}; raise \`memory\`, or use less`
    : state.ExitCode > 128
      ? `was killed by signal ${state.ExitCode - 128}`
      : `ended with status ${state.ExitCode}`;
  const last = said.trim().slice(-TOLD_CHARS);
  const error = new ContainerCrashedError(
    `the container ${containerId} ${how}${last ? `; its agent said last:\n${last}` : ""}`,
    { details: { containerId, status: state.ExitCode, memoryMiB: state.OOMKilled ? limitMiB : null } },
  );
  const { stack: _stack, ...data } = errorData(error);
  return data;
}
