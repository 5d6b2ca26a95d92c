import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { engineAddress } from "./engine.ts";
import { type EngineInfo, limitsOf, readInfo } from "./engine-info.ts";

const ABLE: EngineInfo = {
  ServerVersion: "28.0.0",
  OSType: "linux",
  InitBinary: "docker-init",
  MemoryLimit: true,
  PidsLimit: true,
  CpuCfsQuota: true,
  SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin"],
};

describe("an engine that cannot confine containers", () => {
  it("promises no limit that it would drop with a warning", () => {
    expect(limitsOf(ABLE)).toEqual({ memoryLimit: true, cpuLimit: true });
    expect(limitsOf({ ...ABLE, MemoryLimit: false })).toEqual({ memoryLimit: false, cpuLimit: true });
    expect(limitsOf({ ...ABLE, CpuCfsQuota: false })).toEqual({ memoryLimit: true, cpuLimit: false });
  });

  it.each<[string, Partial<EngineInfo>, RegExp]>([
    ["a limit of processes", { PidsLimit: false }, /cannot limit the processes.*`pids`.*BELLOWS_DRIVER=process/],
    ["seccomp", { SecurityOptions: ["name=apparmor"] }, /cannot filter the system calls.*seccomp/],
    ["any security options", { SecurityOptions: null }, /cannot filter the system calls/],
    ["a profile", { SecurityOptions: ["name=seccomp,profile=unconfined"] }, /cannot filter the system calls/],
  ])("is refused without %s", (_what, lacking, message) => {
    expect(() => limitsOf({ ...ABLE, ...lacking })).toThrow(message);
  });
});

describe("an engine that cannot be used from here", () => {
  it("is not waited for when it takes a connection and says nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bellows-engine-"));
    const socketPath = join(folder, "hung.sock");
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    await expect(readInfo({ socketPath, text: "here" }, 20)).rejects.toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/at here: the Docker engine does not answer/),
    });
  });

  it.each(["tcp://10.0.0.1:2375", "ssh://user@elsewhere"])("is refused at %s, where no socket is shared", (host) => {
    expect(() => engineAddress({ DOCKER_HOST: host })).toThrow(
      /DOCKER_HOST=.* is no socket of this host.*unix:\/\/.*BELLOWS_DRIVER=process/,
    );
  });
});
