/** A Redis for the time of a measurement: on a free port, in a folder of its own, writing what BullMQ's guide asks for. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Readable } from "node:stream";

export interface Redis {
  port: number;
  stop(): Promise<void>;
}

const SETTINGS = {
  bind: "127.0.0.1",
  save: "",
  "maxmemory-policy": "noeviction",
  appendonly: "yes",
  appendfsync: "everysec",
};

/** @throws Error when it does not come up. */
export async function startRedis(folder: string): Promise<Redis> {
  const port = await freePort();
  const server = spawn(
    "redis-server",
    Object.entries({ port, dir: folder, ...SETTINGS }).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await ready(server.stdout);
  return {
    port,
    async stop() {
      if (server.exitCode !== null) return;
      server.kill();
      await once(server, "exit");
    },
  };
}

/** Undefined when there is no `redis-server` on the PATH. */
export function redisVersion(): string | undefined {
  try {
    return /v=(\S+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" }))?.[1];
  } catch {
    return undefined;
  }
}

async function ready(output: Readable): Promise<void> {
  let printed = "";
  for await (const text of output.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    printed += text;
    if (printed.includes("Ready to accept connections")) {
      output.resume();
      return;
    }
  }
  throw new Error(`redis-server ended: ${printed}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || !address) throw new Error("no free port");
  return address.port;
}
