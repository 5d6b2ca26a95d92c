import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SDK_MODULE } from "@bellows/protocol/bundles";
import { NO_HOOKS } from "@bellows/protocol/definitions";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { AgentHarness, type StartedAgent } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());
afterEach(() => {
  harness.server.unavailable = false;
  harness.server.refuses = false;
});

const LINE = "the SDK is imported";
const MODULES = {
  [SDK_MODULE]: `console.log("${LINE}"); export const url = import.meta.url; export const later = () => import("./later.mjs");`,
  "node_modules/@bellows/sdk/later.mjs": "export const url = import.meta.url;",
};
const CODE = bundleOf(
  "async () => [url, (await later()).url]",
  `import { later, url } from "./modules/${SDK_MODULE}";`,
);

/** A build of the SDK, and the link to it that an agent is told of. */
function ownSdk(name: string, modules: Record<string, string>): { folder: string; env: Record<string, string> } {
  const folder = join(realpathSync(harness.folder), `sdk-${name}`);
  mkdirSync(join(folder, SDK_MODULE, ".."), { recursive: true });
  for (const [path, text] of Object.entries(modules)) writeFileSync(join(folder, path), text);
  const link = `${folder}.current`;
  symlinkSync(folder, link);
  return { folder, env: { BELLOWS_OWN_SDK_DIR: link } };
}

function bundle(modules: Record<string, string>, note: string): { bundleHash: string } {
  return { bundleHash: harness.server.addBundle(`${CODE}// ${note}`, { modules }) };
}

/** Where the modules of the SDK were, for the code that it runs. */
async function urlsOf({ agent }: StartedAgent): Promise<unknown> {
  await agent.frame("ready");
  return (await agent.ended(agent.runOne())).value;
}

const imports = ({ agent }: StartedAgent) => agent.logs().filter(([, , , , line]) => line === LINE).length;

it("a worker has the SDK before the code comes, and code that came with the same one uses that instance", async () => {
  const { folder, env } = ownSdk("same", MODULES);
  harness.server.unavailable = true;
  const started = harness.launch(bundle(MODULES, "the same"), env);
  await started.agent.until(() => imports(started) > 0);
  harness.server.unavailable = false;
  const own = Object.keys(MODULES).map((path) => pathToFileURL(join(folder, path)).href);
  expect(await urlsOf(started)).toEqual(own);
  expect(imports(started)).toBe(1);
});

it("code that came with another SDK uses the one that it came with, in every module of it", async () => {
  const { folder, env } = ownSdk("other", MODULES);
  const modules = { ...MODULES, "node_modules/@bellows/sdk/later.mjs": "export const url = import.meta.url; // newer" };
  const started = harness.launch(bundle(modules, "another"), env);
  const urls = await urlsOf(started);
  expect(urls).toEqual(Object.keys(MODULES).map((path) => expect.stringContaining(join("/modules", path))));
  expect(JSON.stringify(urls)).not.toContain(folder);
});

it("a copy of the SDK that cannot be imported is no harm to code that brings another", async () => {
  const { env } = ownSdk("broken", { [SDK_MODULE]: 'throw new Error("half a file");' });
  const started = harness.launch(bundle(MODULES, "a whole one"), env);
  expect(await urlsOf(started)).toHaveLength(2);
  expect(started.agent.logs().map(([, , , , line]) => line)).toEqual([LINE]);
});

it("a bundle in the cache whose SDK was removed from under it is made again, with its own", async () => {
  const marks = 'import { writeFileSync } from "node:fs"; writeFileSync(new URL("mark", import.meta.url), "");';
  const modules = { ...MODULES, [SDK_MODULE]: `${MODULES[SDK_MODULE]} ${marks}` };
  const { folder, env } = ownSdk("removed", modules);
  const mark = join(folder, SDK_MODULE, "../mark");
  const assignment = bundle(modules, "cached");
  expect(JSON.stringify(await urlsOf(harness.launch(assignment, env)))).toContain(folder);
  rmSync(mark);
  harness.server.refuses = true;
  const started = harness.launch(assignment, env);
  await expect.poll(() => existsSync(mark)).toBe(true);
  rmSync(folder, { recursive: true });
  harness.server.refuses = false;
  expect(JSON.stringify(await urlsOf(started))).not.toContain(folder);
});

it("a container that is kept ready rehearses a start: the SDK, an input and a request are none of them its first", async () => {
  const sdk = `export class App {
    functions = [];
    constructor(name) {
      console.log(name);
      this[Symbol.for("bellows.app")] = { name, entrypoint: undefined, functions: this.functions };
    }
    function(options, echo) {
      const handler = async (value) => { console.log(await echo(value)); return value; };
      const settings = { kind: "function", methods: [] };
      const handle = { [Symbol.for("bellows.definition")]: { settings, hooks: ${JSON.stringify(NO_HOOKS)}, handler } };
      this.functions.push(handle);
      return handle;
    }
  }`;
  const { env } = ownSdk("rehearsed", { [SDK_MODULE]: sdk });
  const started = harness.launchUnassigned(env);
  const { agent } = started;
  await agent.until(() => agent.logs().length === 2);
  expect(agent.logs().map(([, , , , line]) => line)).toEqual(["rehearsal", "value"]);
  await expect.poll(() => harness.server.requests.map(({ url }) => url)).toContain("/healthz");
  expect(agent.outputs()).toEqual([]);
  harness.server.assign(agent.containerId, bundle(MODULES, "after the rehearsal"));
  agent.cut();
  expect(await urlsOf(started)).toHaveLength(2);
});
