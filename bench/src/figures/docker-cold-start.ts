/** A cold start in a container of a Docker engine, beside `docker run` of the same image, one after the other in each round. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bed } from "../bed.ts";
import { bounded, compared, type LeftOut, type Line, median } from "../figure.ts";
import { COLD, timingsOf } from "./cold-start.ts";

/** `docker run` takes at most so much less time. */
const MOST_TIMES = 1.3;

/** The line to print where no engine answers. */
export async function withoutDocker(): Promise<LeftOut | undefined> {
  const answers = await docker("version").then(
    () => true,
    () => false,
  );
  return answers ? undefined : { name: "cold start, docker", leftOut: "no Docker engine answers this user" };
}

export async function dockerColdStartFigures(bed: Bed): Promise<Line[]> {
  // Connects the client, and has the image built.
  await bed.handle("noop").remote(0);
  const { items } = await bed.api.request((api) => api.containers.list.query({}));
  const image = await docker("inspect", "--format", "{{.Config.Image}}", `bellows-${items[0]?.id}`);
  const runs: number[] = [];
  const waits: number[] = [];
  const boots: number[] = [];
  const creates: number[] = [];
  for (const name of COLD) {
    runs.push(
      await timed(() =>
        docker("run", "--rm", "--entrypoint", "/opt/bellows/bin/node", image, "-e", 'console.log("hello world")'),
      ),
    );
    waits.push(await timed(() => bed.handle(name).remote("world")));
    const { createMs, bootMs } = await timingsOf(bed, name);
    creates.push(createMs);
    boots.push(bootMs);
  }
  const wait = { name: "cold start median, docker, hello world", value: median(waits), unit: "ms" };
  const run = { name: "docker run of the same image", value: median(runs) };
  return [
    compared(wait, run, "less", 1 / MOST_TIMES),
    { name: "cold start stage, docker: create", value: median(creates), unit: "ms" },
    { name: "cold start stage, docker: boot", value: median(boots), unit: "ms" },
    ...(await idleMemory(items[0]?.id ?? "")),
  ];
}

/** What the engine counts for a container that has run and waits. */
async function idleMemory(containerId: string): Promise<Line[]> {
  const usage = await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", `bellows-${containerId}`);
  const [, amount = "", unit] = /^([\d.]+)(MiB|GiB|KiB)/.exec(usage) ?? [];
  const factor = { KiB: 1 / 1024, MiB: 1, GiB: 1024 }[unit ?? "MiB"] ?? 1;
  return [bounded({ name: "memory of an idle container, docker", value: Number(amount) * factor, unit: "MiB" }, 150)];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function docker(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("docker", args);
  return stdout.trim();
}
