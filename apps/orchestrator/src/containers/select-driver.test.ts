import { describe, expect, it } from "vitest";
import { selectDriver } from "./select-driver.ts";

describe("the choice of a driver", () => {
  it("is the process driver, and says that it does not isolate", async () => {
    for (const wanted of ["auto", "process"]) {
      const { driver, reason } = await selectDriver(wanted, { stateDir: "/nowhere" });
      expect(driver.name).toBe("process");
      expect(driver.capabilities.isolation).toBe(false);
      expect(reason).toContain("not isolated");
    }
  });

  it("refuses what this version does not have, and says what it has", async () => {
    await expect(selectDriver("docker", { stateDir: "/nowhere" })).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("choose process or auto"),
    });
  });
});
