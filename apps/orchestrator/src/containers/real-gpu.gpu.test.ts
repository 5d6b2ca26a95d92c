/** What only a real GPU can show. `npm test` leaves it out, and says so, where the NVIDIA driver lists none. */
import { execFileSync } from "node:child_process";
import { NODE_IMAGE } from "@bellows/protocol/image";
import { expect, test } from "vitest";
import { containerEnvironment } from "./container-environment.ts";
import { findGpus } from "./gpu-inventory.ts";
import { watchGpuUsage } from "./gpu-usage.ts";

const { devices, trouble } = await findGpus(null);
const [first] = devices;
if (!first) throw new Error(`there is no real GPU here: ${trouble ?? "the NVIDIA driver lists none"}`);

const COUNT = `
import ctypes
cuda = ctypes.CDLL("libcuda.so.1")
count = ctypes.c_int(0)
cuda.cuInit(0)
cuda.cuDeviceGetCount(ctypes.byref(count))
print(count.value)
`;

/** How many devices CUDA lets a container of the process driver see. */
function seenBy(gpus: readonly { id: string; name: string }[]): number {
  const spec = {
    containerId: "a-container",
    functionId: "a-function",
    deploymentId: "a-deployment",
    image: { definition: NODE_IMAGE, packages: {} },
    linkUrl: "",
    token: "",
    memoryMiB: null,
    volumes: [],
    blockNetwork: false,
    cpu: null,
    gpus,
  };
  const paths = { nodePath: process.execPath, cacheDir: "", ownSdkFolder: "", exitStatusPath: "" };
  const host = { ...paths, environment: process.env };
  return Number(execFileSync("python3", ["-c", COUNT], { env: containerEnvironment(spec, host) }));
}

test("a real device has a UUID, a name that users write, and memory", () => {
  expect(first).toEqual({
    id: expect.stringMatching(/^GPU-[0-9a-f-]{36}$/),
    name: expect.stringMatching(/^[A-Z][A-Za-z0-9-]*\d[A-Za-z0-9-]*$/),
    memoryMiB: expect.any(Number),
  });
  expect(first.memoryMiB).toBeGreaterThan(1_000);
});

test("a container sees the device that it was given, and one without a GPU sees none", () => {
  expect(seenBy([first])).toBe(1);
  expect(seenBy([])).toBe(0);
});

test("how busy a real device is, and how much of its memory is used, can be told", async () => {
  const usages = await watchGpuUsage(devices, { now: Date.now })();
  expect(usages.get(first.id)).toEqual({ busyPercent: expect.any(Number), memoryUsedMiB: expect.any(Number) });
});
