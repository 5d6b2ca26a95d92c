/**
 * Code that tries to break out of its container, on a real engine. What it can do with its token is tried in
 * `e2e/src/isolation.docker.test.ts`, against a whole orchestrator.
 */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContainerDriver, DriverEvent } from "../driver.ts";
import { nameOf } from "./container-labels.ts";
import { openDocker } from "./open-docker.ts";
import { DockerHarness, type Evaluator } from "./testing-harness.ts";

const harness = new DockerHarness(process.env);
/** Of the driver's own containers. */
let network = "";
const events: DriverEvent[] = [];
let driver: ContainerDriver;
/** Does nothing wrong, and has to live through all of this. */
let bystander: Evaluator;

const options = {
  stateDir: harness.folder,
  environment: process.env,
  runtime: null,
  ...harness.parts,
  archive: async () => new Uint8Array(),
};

beforeAll(async () => {
  await harness.start();
  const opened = await openDocker(options);
  driver = opened.driver;
  network = `bellows-${opened.instance}`;
  driver.onEvent((event) => events.push(event));
  bystander = await harness.evaluator(driver);
});

afterAll(async () => {
  expect(await bystander.run("return 6 * 7")).toBe(42);
  for (const { containerId } of await driver.list()) await driver.stop(containerId, { graceMs: 0 });
  await driver.close();
  await expect(harness.docker.getNetwork(network).inspect()).rejects.toMatchObject({ statusCode: 404 });
  await harness.stop();
});

describe("the host", () => {
  it("gives a container no privileges, and no way to gain any", async () => {
    const { run } = bystander;
    const status = String(await run(`return require("fs").readFileSync("/proc/self/status", "utf8")`));
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      expect(status).toMatch(`${set}:\t${"0".repeat(16)}`);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(status).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
    await expect(run(`process.setuid(0)`)).rejects.toThrow("EPERM");
    await expect(run(`process.setgroups([0])`)).rejects.toThrow("EPERM");
    await expect(run(`require("fs").writeFileSync("/proc/sys/kernel/core_pattern", "|/tmp/x")`)).rejects.toThrow(
      /EROFS|EACCES/,
    );
    await expect(run(`require("fs").writeFileSync("/proc/sysrq-trigger", "b")`)).rejects.toThrow(/EROFS|EACCES|ENOENT/);
    await expect(run(`return require("fs").readFileSync("/dev/mem")`)).rejects.toThrow(/ENOENT|EACCES/);
  });

  it("shows a container none of its files, and of the state folder nothing but the socket", async () => {
    const secret = join(harness.folder, "instance-key");
    writeFileSync(secret, "secret");
    const { run } = bystander;
    for (const path of [
      secret,
      "/var/run/docker.sock",
      "/etc/shadow",
      "/proc/1/root/etc/shadow",
      "/run/bellows/../instance-key",
    ]) {
      await expect(run(`return require("fs").readFileSync(${JSON.stringify(path)}, "utf8")`)).rejects.toThrow(
        /ENOENT|EACCES/,
      );
    }
    expect(await run(`return require("fs").readdirSync("/run/bellows")`)).toEqual(["link.sock"]);
    for (const act of [`writeFileSync("/run/bellows/x", "")`, `rmSync("/run/bellows/link.sock")`]) {
      await expect(run(`require("fs").${act}`)).rejects.toThrow("EROFS");
    }
    expect(
      await run(`return require("fs").readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).length`),
    ).toBeLessThan(8);
  });

  it("lets a container write to folders of a bounded size only", async () => {
    const writable = await bystander.run(`
      const { accessSync, constants, readdirSync } = require("fs");
      const found = [];
      const look = (folder) => {
        if (folder === "/proc" || folder === "/sys") return;
        try { accessSync(folder, constants.W_OK); found.push(folder); } catch {}
        let entries = [];
        try { entries = readdirSync(folder, { withFileTypes: true }); } catch {}
        for (const entry of entries) if (entry.isDirectory()) look((folder === "/" ? "" : folder) + "/" + entry.name);
      };
      look("/");
      return found.filter((folder) => !folder.startsWith("/tmp/")).sort()`);
    expect(writable).toEqual(["/dev/mqueue", "/dev/shm", "/tmp"]);
    for (const path of ["/x", "/app/x", "/opt/bellows/agent.mjs", "/etc/passwd"]) {
      await expect(bystander.run(`require("fs").writeFileSync("${path}", "")`)).rejects.toThrow("EROFS");
    }
  });

  it("gives a container no folder of its disk where the image declares volumes, and no more memory there than in /tmp", async () => {
    const { docker } = harness;
    const tag = randomUUID();
    const made = await docker.createContainer({ Image: await harness.image, Cmd: ["none"] });
    const changes = ["/data", "/slashed/", "/tmp", "/mine"].map((path) => `VOLUME ${path}`).join("\n");
    await made.commit({ repo: "bellows-test/volumes", tag, changes });
    await made.remove();
    const image = `bellows-test/volumes:${tag}`;
    const other = harness.over(docker, harness.instance, { image });
    try {
      const mine = { environmentId: randomUUID(), name: "mine", path: "/mine" };
      const { containerId, run } = await harness.evaluator(other, { memoryMiB: 64, volumes: [mine] });
      const { Mounts } = await docker.getContainer(nameOf(containerId)).inspect();
      expect(Mounts.map(({ Destination }) => Destination).sort()).toEqual(["/mine", "/run/bellows"]);
      const filled = await run(`
        const { writeFileSync } = require("fs");
        return ["/data", "/slashed"].map((folder) => {
          try { writeFileSync(folder + "/full", Buffer.alloc(33 * 1024 * 1024)); } catch ({ code }) { require("fs").rmSync(folder + "/full"); return code; }
        })`);
      expect(filled).toEqual(["ENOSPC", "ENOSPC"]);
      expect(await run(`require("fs").writeFileSync("/mine/kept", ""); return "kept"`)).toBe("kept");
      await other.stop(containerId, { graceMs: 0 });
    } finally {
      await other.close();
      await docker.getImage(image).remove({ force: true });
    }
  });

  it("does not lose its disk to a container that writes without end", async () => {
    const { run } = await harness.evaluator(driver, { memoryMiB: 256 });
    const written = await run(`
      const { writeSync, openSync } = require("fs");
      const file = openSync("/tmp/full", "w");
      const piece = Buffer.alloc(1024 * 1024, 1);
      for (let written = 0; ; written += 1) {
        try { writeSync(file, piece); } catch ({ code }) { return [code, written]; }
      }`);
    expect(written).toEqual(["ENOSPC", expect.any(Number)]);
    expect(Array.isArray(written) && written[1]).toBeGreaterThan(100);
    expect(Array.isArray(written) && written[1]).toBeLessThanOrEqual(128);
    expect(await run(`require("fs").rmSync("/tmp/full"); return "lives on"`)).toBe("lives on");
  });

  it("does not lose its processes to one that forks without end", async () => {
    const { containerId, run } = await harness.evaluator(driver);
    const forked = await run(`
      const { spawn } = require("child_process");
      for (let count = 0; ; count += 1) {
        const child = spawn("/bin/sh", ["-c", "read forever"], { stdio: ["pipe", "ignore", "ignore"] });
        const error = await new Promise((resolve) => child.once("spawn", () => resolve()).once("error", resolve));
        if (error) return [error.code, count];
      }`);
    expect(forked).toEqual(["EAGAIN", expect.any(Number)]);
    expect(Array.isArray(forked) && forked[1]).toBeLessThan(1_024);
    expect(await bystander.run("return 1")).toBe(1);
    expect(await run("return 2")).toBe(2);
    await driver.stop(containerId, { graceMs: 0 });
    expect(await harness.processesLeft(containerId)).toBe(0);
  });

  it("lends a container its certificates, which the agent leaves unread", async () => {
    const { containerId, run } = bystander;
    expect(await run("return require('fs').statSync(process.env.NODE_EXTRA_CA_CERTS).isFile()")).toBe(true);
    const { Config } = await harness.docker.getContainer(nameOf(containerId)).inspect();
    expect(Config.Env.filter((line) => line.startsWith("NODE_EXTRA_CA_CERTS"))).toEqual([]);
  });

  it("says which runtimes the engine has when it is asked for another", async () => {
    await expect(openDocker({ ...options, runtime: "no-such-runtime" })).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringMatching(/BELLOWS_DOCKER_RUNTIME is "no-such-runtime", but .* it has .*runc/),
    });
  });
});

describe("memory", () => {
  const LIMIT = 128;
  /** Files on a tmpfs are memory that belongs to no process: with them it is too much, and the worker's own is not. */
  const HIDDEN_GREED = `
    const fs = require("fs");
    const piece = Buffer.alloc(1024 * 1024, 1);
    const taken = [];
    while (process.memoryUsage.rss() < ${LIMIT - 15} * 1024 * 1024) taken.push(Buffer.alloc(1024 * 1024, 1));
    for (let count = 0; count < 60; count += 1) for (const at of ["/tmp/", "/dev/shm/"]) fs.writeFileSync(at + count, piece);
    return "was let";`;

  it("that code takes bit by bit ends its input, with what it used and the limit, and nothing else", async () => {
    const { agent, run } = await harness.evaluator(driver, { memoryMiB: LIMIT });
    const greedy = run(`
      const taken = [];
      for (;;) {
        taken.push(Buffer.alloc(4 * 1024 * 1024, 1));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }`);
    await expect(greedy).rejects.toThrow(/used \d+ MiB of memory, above its limit of 128 MiB; raise `memory`/);
    await agent.until(() => agent.framesOf("ready").length > 1);
    expect(await run(`return "a new worker"`)).toBe("a new worker");
  });

  it("that code takes past the agent's sight ends its input by the kernel, and the limit is said all the same", async () => {
    const { agent, run } = await harness.evaluator(driver, { memoryMiB: LIMIT });
    const greedy = run(HIDDEN_GREED);
    await expect(greedy).rejects.toThrow(/used more memory than its limit of 128 MiB; raise `memory`/);
    await agent.until(() => agent.framesOf("ready").length > 1);
    expect(await run(`return "a new worker"`)).toBe("a new worker");
  });

  it("for which the kernel ends the whole container is the container's error, with the limit", async () => {
    const { containerId, run } = await harness.evaluator(driver, { memoryMiB: LIMIT });
    const first = `require("fs").writeFileSync("/proc/" + process.ppid + "/oom_score_adj", "1000");`;
    void run(first + HIDDEN_GREED).catch(() => {});
    const ended = () => events.filter((event) => event.containerId === containerId);
    await expect.poll(ended, { timeout: 20_000 }).toHaveLength(1);
    expect(ended()[0]?.error).toMatchObject({
      code: "CONTAINER_CRASHED",
      message: expect.stringMatching(/was killed for using more memory than its limit of 128 MiB; raise `memory`/),
      details: { containerId, limitMiB: LIMIT },
    });
    expect(await harness.remains(containerId)).toBe(false);
  });

  it("that is too little for a worker fails the start, with the limit", async () => {
    const { spec, agent } = harness.obedient({ memoryMiB: 16 });
    await driver.start(spec);
    const { error } = await agent.frame("startFailed");
    expect(error.message).toMatch(/limit of 16 MiB; raise `memory` or use less/);
  });

  it("and CPU are told as they are", async () => {
    const { agent, run } = await harness.evaluator(driver, { cpu: 0.5 });
    const busy = run(`
      globalThis.taken = Buffer.alloc(200 * 1024 * 1024, 1);
      const before = process.cpuUsage();
      for (const end = Date.now() + 8_000; Date.now() < end; );
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000 / 8_000 * 100`);
    // The second one covers nothing but the busy time.
    const stats = await agent.until(() => agent.framesOf("stats")[1]);
    expect(stats.memoryBytes).toBeGreaterThan(220 * 1024 ** 2);
    expect(stats.memoryBytes).toBeLessThan(400 * 1024 ** 2);
    expect(stats.cpuPercent).toBeLessThan(65);
    // By its own account; a host with other work gives it less than the half of a core that it may have.
    expect(stats.cpuPercent).toBeGreaterThan(Number(await busy) / 3);
  });
});

describe("the network", () => {
  /** What became of a connection, within two seconds. */
  const connecting = (host: string, port: number): string => `
    const socket = require("net").connect({ host: ${JSON.stringify(host)}, port: ${port} });
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve("connected")).once("error", ({ code }) => resolve(code));
      setTimeout(() => resolve("no answer"), 2_000);
    }).finally(() => socket.destroy());`;

  it("is there, unless it is blocked; the way to the orchestrator is there in any case", async () => {
    const [config] = (await harness.docker.getNetwork(network).inspect()).IPAM?.Config ?? [];
    const gateway = config?.Gateway ?? "";
    const outside = createServer((_request, response) => void response.end("outside"));
    await new Promise<void>((resolve) => outside.listen(0, gateway, resolve));
    const address = outside.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      expect(await bystander.run(connecting(gateway, port))).toBe("connected");
      const blocked = await harness.evaluator(driver, { blockNetwork: true });
      expect(await blocked.run(connecting(gateway, port))).toBe("ENETUNREACH");
      expect(await blocked.run(connecting("1.1.1.1", 53))).toBe("ENETUNREACH");
      expect(await blocked.run(`return Object.keys(require("os").networkInterfaces())`)).toEqual(["lo"]);
      await expect(blocked.run(`await fetch("http://example.com")`)).rejects.toThrow(/fetch failed/);
    } finally {
      outside.close();
    }
  });

  it("leads from no container to another", async () => {
    const other = await harness.evaluator(driver);
    const { NetworkSettings } = await harness.docker.getContainer(nameOf(other.containerId)).inspect();
    const address = NetworkSettings.Networks[network]?.IPAddress ?? "";
    expect(address).not.toBe("");
    await other.run(
      `await new Promise((resolve) => require("http").createServer((_, answer) => answer.end()).listen(8080, "0.0.0.0", resolve))`,
    );
    expect(await other.run(connecting(address, 8080))).toBe("connected");
    expect(await bystander.run(connecting(address, 8080))).toBe("no answer");
  });
});
