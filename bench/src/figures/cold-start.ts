/** How long the first `remote()` of a function takes that has no container yet, and where that time goes. */
import type { ContainerView } from "@bellows/protocol/views";
import { APP, type Bed, type FunctionName } from "../bed.ts";
import { bounded, type Line, percentile } from "../figure.ts";

/** Each is called once, so that its first call is a cold start. */
export const COLD = [
  "cold0",
  "cold1",
  "cold2",
  "cold3",
  "cold4",
  "cold5",
  "cold6",
  "cold7",
  "cold8",
  "cold9",
  "cold10",
  "cold11",
] as const satisfies readonly FunctionName[];

type Timings = NonNullable<ContainerView["timings"]>;
/** As a person would name them. `boot` begins with the process and ends when it has been told what to run. */
const STAGES: Record<keyof Timings, string> = {
  createMs: "create",
  bootMs: "boot",
  fetchMs: "fetch",
  importMs: "import",
  enterMs: "enter",
};

export async function coldStartFigures(bed: Bed): Promise<Line[]> {
  // Connects the client, and fetches the code to this host.
  await bed.handle("noop").remote(0);
  const waits: number[] = [];
  const rests: number[] = [];
  const timings: Timings[] = [];
  for (const name of COLD) {
    const calledAt = performance.now();
    await bed.handle(name).remote("world");
    const wait = performance.now() - calledAt;
    const timing = await timingsOf(bed, name);
    waits.push(wait);
    timings.push(timing);
    rests.push(wait - Object.values(timing).reduce((sum, ms) => sum + ms, 0));
  }
  const stages = Object.entries(STAGES) as [keyof Timings, string][];
  return [
    bounded({ name: "cold start median, hello world", value: percentile(waits, 0.5), unit: "ms" }, 150),
    { name: "cold start slowest", value: percentile(waits, 1), unit: "ms" },
    ...stages.map(([stage, name]) => ({
      name: `cold start stage: ${name}`,
      value: percentile(
        timings.map((timing) => timing[stage]),
        0.5,
      ),
      unit: "ms",
    })),
    { name: "cold start: before, between and after", value: percentile(rests, 0.5), unit: "ms" },
  ];
}

/** How the newest container of a function started. */
export async function timingsOf(bed: Bed, name: FunctionName): Promise<Timings> {
  const { id } = await bed.api.request((api) => api.functions.get.query({ app: APP, name }));
  const { items } = await bed.api.request((api) => api.containers.list.query({ functionId: id, includeGone: true }));
  const timings = items[0]?.timings;
  if (!timings) throw new Error(`${name} has a result, but no container that says how it started`);
  return timings;
}
