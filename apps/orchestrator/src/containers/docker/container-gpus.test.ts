import { imageSchema, NODE_IMAGE } from "@bellows/protocol/image";
import { expect, test } from "vitest";
import type { ContainerSpec } from "../driver.ts";
import { labelsOf, listedOf } from "./container-labels.ts";
import { createOptions } from "./container-options.ts";

const HOW = {
  instance: "an-instance",
  image: "an-image",
  linkFolder: "/state/run",
  imageVolumes: [],
  volumeFolders: [],
  linkSocketName: "link.sock",
  network: "a-network",
  runtime: null,
  init: true,
};

function specWith(gpus: ContainerSpec["gpus"]): ContainerSpec {
  return {
    containerId: "a-container",
    functionId: "a-function",
    deploymentId: "a-deployment",
    image: { definition: NODE_IMAGE, packages: {} },
    linkUrl: "",
    token: "a-token",
    memoryMiB: null,
    volumes: [],
    blockNetwork: false,
    cpu: null,
    gpus,
  };
}

function gpusOf(gpus: ContainerSpec["gpus"]) {
  const { Env = [], HostConfig } = createOptions(specWith(gpus), HOW);
  return {
    requests: HostConfig?.DeviceRequests,
    variable: Env.find((line) => line.startsWith("CUDA_VISIBLE_DEVICES")),
  };
}

/** What an NVIDIA runtime of the engine is told, if that is the one that runs the container. */
function opened(spec: ContainerSpec) {
  const { Env = [] } = createOptions(spec, HOW);
  return Env.filter((line) => line.startsWith("NVIDIA_VISIBLE_DEVICES"));
}

test("the engine is asked for real devices, and CUDA is told of declared ones", () => {
  expect(gpusOf([{ id: "GPU-5a2b", name: "H100" }])).toEqual({
    requests: [{ Driver: "nvidia", DeviceIDs: ["GPU-5a2b"], Capabilities: [["gpu"]] }],
    variable: undefined,
  });
  const declared = ["0", "3"].map((id) => ({ id, name: "H100" }));
  expect(gpusOf(declared)).toEqual({ requests: undefined, variable: "CUDA_VISIBLE_DEVICES=0,3" });
  expect(gpusOf([])).toEqual({ requests: undefined, variable: undefined });
});

test("an NVIDIA runtime opens the container's own devices and no others, whatever its image says", () => {
  expect(opened(specWith([]))).toEqual(["NVIDIA_VISIBLE_DEVICES=void"]);
  expect(opened(specWith([{ id: "0", name: "H100" }]))).toEqual(["NVIDIA_VISIBLE_DEVICES=void"]);
  const real = ["GPU-5a2b", "GPU-77c0"].map((id) => ({ id, name: "H100" }));
  expect(opened(specWith(real))).toEqual(["NVIDIA_VISIBLE_DEVICES=GPU-5a2b,GPU-77c0"]);
  const definition = { ...NODE_IMAGE, steps: [{ type: "env", variables: { NVIDIA_VISIBLE_DEVICES: "all" } }] };
  const image = { definition: imageSchema.parse(definition), packages: {} };
  expect(opened({ ...specWith([]), image })).toEqual(["NVIDIA_VISIBLE_DEVICES=void"]);
});

test.each([[[]], [[{ id: "GPU-5a2b", name: "H100" }]]])(
  "its label tells the next orchestrator what it has: %j",
  (gpus) => {
    expect(listedOf("handle", labelsOf(specWith(gpus), "an-instance"), 1)).toMatchObject({ gpus });
  },
);
