import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { selectDriver } from "./select-driver.ts";

const OPTIONS = { stateDir: "/nowhere", archive: async () => new Uint8Array() };
const WITHOUT_ENGINE = { ...OPTIONS, hostEnvironment: { DOCKER_HOST: "unix:///nowhere/docker.sock" } };

describe("the choice of a driver", () => {
  it("is the process driver when it is asked for, and says that it does not isolate", async () => {
    const { driver, reason } = await selectDriver("process", OPTIONS);
    expect(driver.name).toBe("process");
    expect(driver.capabilities.isolation).toBe(false);
    expect(reason).toContain("BELLOWS_DRIVER asks for it; containers are processes");
  });

  it("is the process driver by itself where no engine answers, and says what is missing", async () => {
    const { driver, reason } = await selectDriver("auto", WITHOUT_ENGINE);
    expect(driver.name).toBe("process");
    expect(reason).toMatch(/the Docker engine does not answer .*DOCKER_HOST.*not isolated/);
  });

  it("does not do without an engine that is asked for", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "bellows-select-"));
    onTestFinished(() => rmSync(stateDir, { recursive: true }));
    await expect(selectDriver("docker", { ...WITHOUT_ENGINE, stateDir })).rejects.toMatchObject({ code: "STARTUP" });
  });

  it("refuses what this version does not have, and says what it has", async () => {
    await expect(selectDriver("swarm", OPTIONS)).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("choose one of auto, process, docker"),
    });
  });
});
