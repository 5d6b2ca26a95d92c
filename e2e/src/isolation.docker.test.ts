/**
 * What the code in a container of a whole orchestrator can do with its container's token, which it can read: its own
 * link, its own code, and calls of its environment. The rest is refused, whatever door it comes to.
 */
import { execFileSync } from "node:child_process";
import { Bellows, ContainerCrashedError } from "@bellows/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as breakOut from "../fixtures/break-out.ts";
import type * as neighbour from "../fixtures/neighbour.ts";
import { readyContainerIds } from "./look.ts";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;
let bellows: Bellows;

beforeAll(async () => {
  // On every address, so that the port can be reached from the containers' network.
  stack = await startStack({ env: { BELLOWS_DRIVER: "docker", BELLOWS_HOST: "0.0.0.0" } });
  bellows = new Bellows({ url: stack.url, token: stack.token });
  for (const name of ["break-out", "neighbour"]) {
    expect(await stack.bellows(["deploy", `e2e/fixtures/${name}.ts`])).toMatchObject({ code: 0 });
  }
}, 240_000);

afterAll(async () => {
  await bellows?.close();
  expect(await stack?.stop()).toBe(0);
}, 60_000);

function named<K extends Exclude<keyof typeof breakOut, "app" | "Knock">>(name: K) {
  return bellows.functions.fromName<(typeof breakOut)[K]>("break-out", name);
}

function knock(request: breakOut.Knock) {
  return named("knock").remote(request);
}

function neighbourBundles() {
  return bellows.functions.fromName<typeof neighbour.bundles>("neighbour", "bundles").remote();
}

function asQuery(procedure: string, input: unknown): string {
  return `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
}

describe("a container's token", () => {
  it("reads the code of its own function, and no other's", async () => {
    const [own] = await named("bundles").remote();
    const [other] = await neighbourBundles();
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(own);
    expect((await knock({ path: `/bundles/${own}` })).status).toBe(200);
    const refused = await knock({ path: `/bundles/${other}` });
    expect(refused).toMatchObject({ status: 403, text: expect.stringMatching(/is not the code of container/) });
    expect((await knock({ path: `/bundles/${own}`, method: "PUT", body: "x" })).status).toBe(403);
    expect((await knock({ path: `/archives/${own}`, method: "PUT", body: "x" })).status).toBe(403);
  });

  it("opens no link of another container", async () => {
    const other = await bellows.functions.fromName<typeof neighbour.id>("neighbour", "id").remote();
    const refused = await knock({ path: `/link/agent?container=${other}`, link: true });
    expect(refused).toMatchObject({ status: 403, text: expect.stringMatching(`is not that of container ${other}`) });
    expect((await knock({ path: "/link/agent", link: true })).status).toBe(403);
  });

  it.each([
    ["apps.list", {}],
    ["containers.list", {}],
    ["functions.list", {}],
    ["images.list", {}],
    ["limits.get", { environment: "main" }],
    ["secrets.list", { environment: "main" }],
    ["volumes.list", { environment: "main" }],
    ["containers.standby", undefined],
    ["system.gpus", undefined],
    ["system.info", undefined],
    ["auth.me", undefined],
  ])("does not show %s", async (procedure, input) => {
    expect((await knock({ path: asQuery(procedure, input ?? {}) })).status).toBe(403);
  });

  it.each([
    "auth.createSignInLink",
    "apps.deploy",
    "apps.stop",
    "containers.stop",
    "limits.set",
    "secrets.set",
    "secrets.remove",
    "secrets.rotateKey",
    "volumes.remove",
    "images.build",
  ])("does not do %s", async (procedure) => {
    const { status, text } = await knock({ path: `/trpc/${procedure}`, method: "POST", body: "{}" });
    expect({ status, text }).toMatchObject({ status: 403, text: expect.stringMatching(/API token/) });
  });

  it("is worth nothing changed, and the calls of another environment are not there for it", async () => {
    const token = await named("token").remote();
    const forged = token.replace(/_[0-9a-f-]{36}_/, "_01890000-0000-7000-8000-000000000000_");
    expect((await knock({ path: asQuery("calls.list", {}), token: forged })).status).toBe(401);
    expect((await knock({ path: asQuery("calls.list", { environment: "main" }) })).status).toBe(200);
    expect((await knock({ path: asQuery("calls.list", { environment: "elsewhere" }) })).status).toBe(403);
  });

  it("is needed at the port, too, where a container can reach it", async () => {
    const port = Number(new URL(stack.url).port);
    const [id] = await readyContainerIds(stack);
    const [host = ""] = execFileSync(
      "docker",
      ["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}", `bellows-${id}`],
      { encoding: "utf8" },
    ).split("\n");
    const to = { host, port };
    expect((await knock({ path: "/healthz", to, token: null })).status).toBe(200);
    for (const path of [asQuery("calls.list", {}), asQuery("apps.list", {}), `/bundles/${"0".repeat(64)}`]) {
      expect((await knock({ path, to, token: null })).status).toBe(401);
    }
    for (const path of ["/link/client", "/link/agent"]) {
      expect((await knock({ path, to, token: null, link: true })).status).toBe(401);
    }
    expect(
      (await knock({ path: "/trpc/auth.createSignInLink", method: "POST", body: "{}", to, token: null })).status,
    ).toBe(401);
  });
});

it("an input that takes too much memory ends with an error that says the limit", async () => {
  const error = await named("hungry")
    .remote()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(ContainerCrashedError);
  expect(error).toMatchObject({ message: expect.stringMatching(/limit of 96 MiB; raise `memory` or use less/) });
});

it("a function without a network calls other functions, and reaches nothing else", async () => {
  expect(await named("alone").remote()).toEqual({ answer: expect.stringMatching(/ENETUNREACH/), called: 1 });
});
