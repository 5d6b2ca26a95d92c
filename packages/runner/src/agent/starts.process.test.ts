import { readdirSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

describe("npm packages of a bundle", () => {
  const code = bundleOf("() => ms('2 days')", 'import ms from "ms";');

  it("are installed beside it, once for all containers of the host", async () => {
    const packages = { ms: "2.1.3" };
    const bundles = [code, `${code}// another bundle with the same packages`].map((text) =>
      harness.server.addBundle(text, { packages }),
    );
    const agents = bundles.map((bundleHash) => harness.launch({ bundleHash }).agent);
    for (const agent of agents) {
      await agent.frame("ready");
      const [ref] = agent.run([]);
      if (!ref) throw new Error("one input was sent");
      expect((await agent.ended(ref)).value).toBe(172_800_000);
    }
    const [host] = readdirSync(harness.cacheDir);
    expect(readdirSync(join(harness.cacheDir, host ?? "", "packages"))).toHaveLength(1);
    const requests = harness.server.bundleRequests;
    await harness.launch({ bundleHash: bundles[0] ?? "" }).agent.frame("ready");
    expect(harness.server.bundleRequests).toBe(requests);
  });

  it("that cannot be installed fail the start with npm's own words", async () => {
    const bundleHash = harness.server.addBundle(code, { packages: { ms: "99.0.0" } });
    const { error } = await harness.launch({ bundleHash }).agent.frame("startFailed");
    expect(error.code).toBe("STARTUP");
    expect(error.message).toContain("npm could not install ms@99.0.0");
    expect(error.message).toContain("No matching version");
  });
});

it("code finds the modules of its bundle beside it, also those that it loads later", async () => {
  const modules = {
    "node_modules/@bellows/sdk/sdk.mjs": 'export const later = () => import("./later.mjs");',
    "node_modules/@bellows/sdk/later.mjs": 'export const word = "from beside";',
  };
  const code = bundleOf(
    "async () => (await later()).word",
    'import { later } from "./modules/node_modules/@bellows/sdk/sdk.mjs";',
  );
  const { agent } = harness.launch({ bundleHash: harness.server.addBundle(code, { modules }) });
  await agent.frame("ready");
  const [ref] = agent.run([]);
  if (!ref) throw new Error("one input was sent");
  expect((await agent.ended(ref)).value).toBe("from beside");
});

describe("a start that fails", () => {
  it("shows the user's error and line when the import throws", async () => {
    const source = '\n\nexport function parse(): never { throw new RangeError("bad config") }\nparse();\n';
    const { code, map } = transformSync(source, {
      loader: "ts",
      sourcemap: "external",
      sourcefile: "/home/ada/pages.ts",
    });
    const bundleHash = harness.server.addBundle(code, { sourceMap: map });
    const started = harness.launch({ bundleHash });
    const { error } = await started.agent.frame("startFailed");
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("RangeError: bad config") });
    expect(error.stack).toContain("pages.ts:3");
    expect(await started.exited).toBe(1);
  });

  it("names the functions there are when the wanted one is not among them", async () => {
    const started = harness.launch({ bundleHash: harness.server.addBundle(bundleOf("() => 1")), functionName: "gone" });
    const { error } = await started.agent.frame("startFailed");
    expect(error).toMatchObject({
      code: "STARTUP",
      message: expect.stringContaining('no function "gone"; it has "work"'),
    });
  });

  it("says so when the bundle cannot be had", async () => {
    const { error } = await harness.launch({ bundleHash: "0".repeat(64) }).agent.frame("startFailed");
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("status 404") });
  });

  it("waits for an orchestrator that cannot give the bundle yet, and only so long", async () => {
    const bundleHash = harness.server.addBundle(bundleOf("() => 'waited'"));
    harness.server.unavailable = true;
    const patient = harness.launch({ bundleHash });
    const { error } = await harness.launch({ bundleHash, startupTimeoutMs: 500 }).agent.frame("startFailed");
    expect(error.message).toMatch(/startupTimeout of 500 ms; it was still fetching .* \(.*status 503: try again/);
    harness.server.unavailable = false;
    await patient.agent.frame("ready");
  });

  it("does not start without its variables", async () => {
    const bundleHash = "0".repeat(64);
    const started = harness.launch({ bundleHash }, { BELLOWS_LINK_URL: "" });
    expect(await started.exited).toBe(2);
    expect(started.printed()).toContain("BELLOWS_LINK_URL is not set");
  });
});
