/** `bellows gpu list`. */
import { isRealGpu } from "@bellows/protocol/gpus";
import type { GpusView, GpuView, GpuWaitView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { ago, type Column, printJson, table } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";

export function addGpu(program: Command): void {
  const gpu = program.command("gpu").alias("gpus").description("the GPUs of the host");
  withCommonOptions(gpu.command("list")).description("each device, who has it, and who waits for one").action(listGpus);
}

const DEVICES: Column<GpuView>[] = [
  { title: "gpu", text: ({ name }) => name },
  { title: "memory", text: ({ memoryMiB }) => (memoryMiB === null ? "" : `${memoryMiB} MiB`), align: "right" },
  { title: "busy", text: ({ usage }) => shown(usage?.busyPercent, "%"), align: "right" },
  { title: "used", text: ({ usage }) => shown(usage?.memoryUsedMiB, " MiB"), align: "right" },
  { title: "device", text: ({ id }) => (isRealGpu(id) ? id : `${id} (declared)`) },
  { title: "function", text: ({ holder }) => (holder ? nameOf(holder) : "") },
  { title: "container", text: ({ holder }) => holder?.containerId ?? "" },
];

const WAITING: Column<GpuWaitView>[] = [
  { title: "waiting", text: nameOf },
  { title: "containers", text: ({ containers }) => containers, align: "right" },
  { title: "since", text: ({ sinceMs }) => ago(sinceMs, Date.now()) },
  { title: "why", text: ({ reason }) => reason },
];

/** Declared devices have no numbers. */
function shown(amount: number | null | undefined, unit: string): string {
  return amount === null || amount === undefined ? "" : `${Math.round(amount)}${unit}`;
}

function nameOf({ appName, functionName }: { appName: string; functionName: string }): string {
  return `${appName}/${functionName}`;
}

async function listGpus(options: CommonOptions): Promise<void> {
  const { request } = await openSession(options);
  const view = await request((api) => api.system.gpus.query());
  if (options.json) return printJson(view);
  console.log(gpusText(view));
}

export function gpusText({ gpus, waiting, trouble }: GpusView): string {
  if (gpus.length === 0) return trouble ?? "this host has no GPU; BELLOWS_GPUS declares some for tests";
  const inUse = gpus.filter(({ holder }) => holder !== null).length;
  const parts = [table(gpus, DEVICES), `${inUse} of ${gpus.length} in use`];
  if (waiting.length > 0) parts.push("", table(waiting, WAITING));
  return parts.join("\n");
}
