/** What containers that are kept ready promise, on any driver. */
import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { StandbyView } from "@bellows/protocol/views";
import { Bellows } from "@bellows/sdk";
import { type ApiClient, createApiClient } from "@bellows/sdk/api-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as faults from "../fixtures/faults.ts";
import { containers } from "./look.ts";
import { type Stack, startStack, until } from "./stack.ts";

const READY_MS = 60_000;

export function describeStandby(driver: "process" | "docker"): void {
  describe(`containers kept ready by the ${driver} driver`, () => {
    let stack: Stack;
    let bellows: Bellows;
    let api: ApiClient;

    beforeAll(async () => {
      stack = await startStack({ env: { BELLOWS_DRIVER: driver, BELLOWS_STANDBY: "1" } });
      bellows = new Bellows({ url: stack.url, token: stack.token });
      api = createApiClient({ url: stack.url, token: stack.token });
      expect(await stack.bellows(["deploy", "e2e/fixtures/faults.ts"])).toMatchObject({ code: 0 });
    }, 240_000);

    afterAll(async () => {
      await bellows?.close();
      expect(await stack?.stop()).toBe(0);
    }, 60_000);

    /** Resolves with the one that is ready, which is not one of these. */
    async function standby(not: readonly string[] = []): Promise<StandbyView> {
      let found: StandbyView | undefined;
      await until(async () => {
        const all = await api.request((client) => client.containers.standby.query()).catch(() => []);
        found = all.find(({ containerId, ready }) => ready && !not.includes(containerId));
        return found !== undefined;
      }, READY_MS);
      if (!found) throw new Error("there is none");
      return found;
    }

    it("take the code of the function that is called first, and have nothing to wait for but that", async () => {
      const { containerId } = await standby();
      const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
      expect(await slowly.remote(1, 0)).toBe(1);
      expect((await containers(stack)).map(({ id }) => id)).toEqual([containerId]);
      const { timings } = await api.request((client) => client.containers.get.query({ id: containerId }));
      expect(timings).toMatchObject({ createMs: 0, bootMs: 0 });
    });

    // What a container has fetched is for this host to read only where it has no file system of its own.
    if (driver === "process") {
      it("have the SDK of that code already: none was put beside it", async () => {
        const cache = await realpath(join(stack.stateDir, "cache"));
        const folders = (await readdir(cache, { recursive: true })).filter((path) => /\/bundles\/[^/.]+$/.test(path));
        const [modules, ...others] = await Promise.all(folders.map((path) => realpath(join(cache, path, "modules"))));
        expect(others).toEqual([]);
        expect(modules).toMatch(/\/packages\/preloaded-sdk\/dist\/[0-9a-f]{16}$/);
      });
    }

    it("are never two functions': another takes the place of one that was taken", async () => {
      const used = (await containers(stack)).map(({ id }) => id);
      const { containerId } = await standby(used);
      expect(used).not.toContain(containerId);
      expect(await api.request((client) => client.containers.standby.query())).toHaveLength(1);
    });

    it("are a function's from then on: after kill -9 of the orchestrator what runs in them is handed in", async () => {
      const [running] = await containers(stack);
      const slowly = bellows.functions.fromName<typeof faults.slowly>("faults", "slowly");
      const result = slowly.remote(2, 8_000);
      const isRunning = async () => {
        const found = await api.request((client) => client.containers.get.query({ id: running?.id ?? "" }));
        return found.running > 0;
      };
      await until(isRunning);
      const before = await standby([running?.id ?? ""]);
      expect(await isRunning()).toBe(true);
      process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
      expect(await result).toBe(2);
      await stack.ready();
      expect((await containers(stack)).map(({ id }) => id)).toContain(running?.id);
      // Nobody had taken that one: it was ended, and another is kept ready.
      const after = await standby([running?.id ?? ""]);
      expect(after.containerId).not.toBe(before.containerId);
    });
  });
}
