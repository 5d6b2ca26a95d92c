/**
 * One of each frame that a start and its first input need. What a container does with them while it is kept ready has
 * made the schemas' checks and the packer's code by the time the real ones come.
 */
import type { CommandFrame } from "@bellows/protocol/agent-frames";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerCommand, WorkerFrame } from "@bellows/protocol/worker-frames";

const CALL_ID = newId(0);
const RUN = { type: "run", inputs: [[CALL_ID, [[0, 1, encodeValue(["value"])]]]] } satisfies WorkerCommand;

export const SAMPLE_ORDERS: readonly CommandFrame[] = [
  {
    type: "assign",
    assignment: {
      functionId: "",
      functionName: "",
      appName: "",
      environment: "",
      deploymentId: "",
      bundleHash: "0".repeat(64),
      maxInputs: 1,
      batched: false,
      timeoutMs: 0,
      startupTimeoutMs: 0,
      memoryMiB: null,
      env: {},
      secrets: {},
      parameters: null,
      python: null,
    },
  },
  RUN,
];

export const SAMPLE_COMMANDS: readonly WorkerCommand[] = [
  {
    type: "load",
    bundlePath: "",
    functionName: "",
    slots: 1,
    batched: false,
    environment: "",
    appName: "",
    env: {},
    connection: { url: "", token: "" },
    parameters: null,
  },
  RUN,
];
export const SAMPLE_INPUTS = RUN.inputs;

export const SAMPLE_ANSWERS: readonly WorkerFrame[] = [
  { type: "loaded", importMs: 0, enterMs: 0 },
  { type: "outputs", outputs: [[CALL_ID, [[0, 1, OUTPUT_STATUS.succeeded, encodeValue("value"), 0, 0]]]] },
];
