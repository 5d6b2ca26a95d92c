/**
 * One of each frame that a start and its first input need. What a container does with them while it is kept ready has
 * made the schemas' checks and the packer's code by the time the real ones come. They are made when they are asked for:
 * what this file does at its import each start would wait for, also one that rehearses nothing.
 */
import type { CommandFrame } from "@bellows/protocol/agent-frames";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerCommand, WorkerFrame } from "@bellows/protocol/worker-frames";

const CALL_ID = "00000000-0000-7000-8000-000000000000";

type Inputs = Extract<WorkerCommand, { type: "run" }>["inputs"];

export const sampleInputs = (): Inputs => [[CALL_ID, [[0, 1, encodeValue(["value"])]]]];

export const sampleOrders = (): CommandFrame[] => [
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
  { type: "run", inputs: sampleInputs() },
];

export const sampleCommands = (): WorkerCommand[] => [
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
  { type: "run", inputs: sampleInputs() },
];

export const sampleAnswers = (): WorkerFrame[] => [
  { type: "loaded", importMs: 0, enterMs: 0 },
  { type: "outputs", outputs: [[CALL_ID, [[0, 1, OUTPUT_STATUS.succeeded, encodeValue("value"), 0, 0]]]] },
];
