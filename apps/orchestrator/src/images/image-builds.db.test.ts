import { openDatabase } from "@bellows/db/client";
import { cloneTestDatabase } from "@bellows/db/testing";
import { StartupError } from "@bellows/protocol/errors";
import { NODE_IMAGE } from "@bellows/protocol/image";
import { pino } from "pino";
import { afterAll, expect, it } from "vitest";
import type { ContainerImage } from "../containers/driver.ts";
import { createBuildRows } from "./build-rows.ts";
import { ImageBuilds } from "./image-builds.ts";

const database = openDatabase(await cloneTestDatabase());
afterAll(() => database.close());
const rows = createBuildRows(database.db);
const log = pino({ level: "silent" });

type Build = (image: ContainerImage, told: (line: string) => void) => Promise<void>;

function builds(buildImage: Build): ImageBuilds {
  return new ImageBuilds({ driver: { name: "test", buildImage }, rows, now: Date.now, log });
}

function image(name: string): ContainerImage {
  return { definition: NODE_IMAGE, packages: { [name]: "1.0.0" } };
}

it("builds an image once for all who wait for it, and keeps what was said", async () => {
  let built = 0;
  const images = builds(async (_image, told) => {
    built += 1;
    told("installing");
  });
  const { id } = images.begin(image("once"));
  await Promise.all([images.ready(image("once")), images.ready(image("once"))]);
  expect(built).toBe(1);
  expect(await images.log(id, 0)).toMatchObject({ text: "installing\n", state: "ready", error: null });
  expect(await images.view(id)).toMatchObject({ state: "ready", base: "Image.node()", packages: ["once@1.0.0"] });
  expect((await images.list({ limit: 10 })).items.map((found) => found.id)).toContain(id);
});

it("fails everyone who waits, says why afterwards, and tries again for the next", async () => {
  let attempts = 0;
  const images = builds(async (_image, told) => {
    attempts += 1;
    told("E: no such package");
    if (attempts === 1) throw new StartupError("step 1 of 1 failed");
  });
  const { id } = images.begin(image("again"));
  await expect(images.ready(image("again"))).rejects.toThrow("step 1 of 1 failed");
  expect(await images.log(id, 0)).toMatchObject({
    text: "E: no such package\n",
    state: "failed",
    error: { code: "STARTUP", message: "step 1 of 1 failed" },
  });
  await images.ready(image("again"));
  expect((await images.view(id)).state).toBe("ready");
});

it("knows by its content that an image is the same, whatever order its parts are stored in", async () => {
  let built = 0;
  const images = builds(async () => {
    built += 1;
  });
  const steps = [{ type: "npm" as const, packages: ["a"] }];
  await images.ready({ definition: { base: { type: "node" }, steps }, packages: { a: "1", b: "2" } });
  await images.ready({ packages: { b: "2", a: "1" }, definition: { steps, base: { type: "node" } } });
  expect(built).toBe(1);
});

it("says of a build that a killed process has left that it was cut short", async () => {
  const { id } = builds(() => new Promise(() => {})).begin(image("cut"));
  await rows.save({ ...NEVER_ENDED, id });
  const next = builds(async () => {});
  await next.start();
  expect(await next.view(id)).toMatchObject({
    state: "failed",
    error: { message: expect.stringMatching(/builds it again/) },
  });
});

it("lists builds that began in one moment, each once", async () => {
  const ids = ["a", "b", "c"].map((name) => `moment-${name}`);
  for (const id of ids) await rows.save({ ...NEVER_ENDED, id, state: "ready", startedAtMs: 4_000_000_000_000 });
  const images = builds(async () => {});
  const listed: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 3; page++) {
    const { items, nextCursor } = await images.list({ cursor, limit: 1 });
    listed.push(...items.map(({ id }) => id));
    cursor = nextCursor ?? undefined;
  }
  expect(listed).toEqual(["moment-c", "moment-b", "moment-a"]);
});

it("gives the end of a log that lost its beginning to whoever has read up to there", async () => {
  const line = "x".repeat(99_999);
  const told = { go: (): void => {} };
  const images = builds(
    (_image, tell) =>
      new Promise((resolve) => {
        for (let count = 0; count < 12; count++) tell(line);
        told.go = () => {
          tell("the end");
          resolve();
        };
      }),
  );
  const { id } = images.begin(image("long"));
  const { next } = await images.log(id, 0);
  expect(next).toBe(1_200_000);
  told.go();
  await images.ready(image("long"));
  expect(await images.log(id, next)).toMatchObject({ text: "the end\n", next: 1_200_008, state: "ready" });
});

const NEVER_ENDED = {
  driver: "test",
  definition: NODE_IMAGE,
  packages: { cut: "1.0.0" },
  state: "building",
  log: "step 1\n",
  error: null,
  startedAtMs: 1,
  finishedAtMs: null,
} as const;
