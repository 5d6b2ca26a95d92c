import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import type { ImageDefinition } from "@bellows/protocol/image";
import { OWN_SDK_FOLDER } from "@bellows/runner/paths";
import { buildRunner } from "@bellows/runner/testing/built-runner";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineAddress, openEngine } from "../engine.ts";
import { debianImage } from "./debian-image.ts";
import { imageId, imported } from "./engine-images.ts";
import { createImageBuilder, type ImageBuilder } from "./image-builder.ts";
import { NODE_PATH } from "./runner-layer.ts";

const docker = openEngine(engineAddress(process.env));
const folder = mkdtempSync(join(tmpdir(), "bellows-images-"));
/** So that no test finds what an earlier run has built. */
const unique = randomUUID();
const archives = new Map<string, Uint8Array>();
/** Of the images that were made here and nobody else has: something unique is in each of them. */
const names = new Set<string>();
/** On the images that are made of Dockerfiles, whose names are the builder's own business. */
const LABEL = `bellows-image-test=${unique}`;
/** A token that the npm settings of this host hold. */
const TOKEN = "npm_0123456789abcdef";
let builder: ImageBuilder;

beforeAll(() => {
  builder = newBuilder();
});

function newBuilder(): ImageBuilder {
  const npmrc = join(folder, "npmrc");
  writeFileSync(npmrc, `//registry.invalid/:_authToken=${TOKEN}\n`);
  return createImageBuilder({
    docker,
    instance: unique,
    builder: unique,
    parts: { nodePath: process.execPath, ...buildRunner(join(folder, "dist")), ownSdkFolder: OWN_SDK_FOLDER },
    stateDir: folder,
    environment: { ...process.env, npm_config_userconfig: npmrc },
    archive: async (hash) => archives.get(hash) ?? new Uint8Array(),
  });
}

afterAll(async () => {
  const filters = { label: [`dev.bellows.instance=${unique}`] };
  const left = await docker.listContainers({ all: true, filters });
  for (const name of names) await docker.getImage(name).remove({ force: true });
  const labelled = await docker.listImages({ filters: { label: [LABEL] } });
  for (const { Id, RepoTags } of labelled) {
    const tags = (RepoTags ?? []).filter((tag) => tag !== "<none>:<none>");
    // Of a build that failed there is one without a name.
    for (const name of tags.length > 0 ? tags : [Id]) await docker.getImage(name).remove({ force: true });
  }
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

async function built(definition: ImageDefinition, packages: Record<string, string> = {}) {
  const said: string[] = [];
  const name = await builder.build({ definition, packages }, (line) => said.push(line));
  if (name.startsWith("bellows/image:")) names.add(name);
  return { name, said };
}

/** What a command in a container of the image prints, as the user that code runs as. */
async function printed(image: string, command: string[]): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    User: "65534:65534",
    Entrypoint: command.slice(0, 1),
    Cmd: command.slice(1),
    Tty: true,
    HostConfig: { NetworkMode: "none", ReadonlyRootfs: true },
  });
  try {
    await container.start();
    await container.wait();
    return String(await container.logs({ stdout: true, stderr: true })).replaceAll("\r", "");
  } finally {
    await container.remove({ force: true });
  }
}

async function archive(files: Record<string, string>): Promise<string> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  const hash = randomUUID().replaceAll("-", "").padEnd(64, "0");
  archives.set(hash, gzipSync(await buffer(tar)));
  return hash;
}

/** The name of the Debian that images are made on here. */
async function debian(): Promise<string> {
  return await debianImage(docker, { stateDir: folder, told: () => undefined, signal: AbortSignal.timeout(120_000) });
}

/** A Dockerfile on that Debian, which has no Node. */
async function dockerfile(...commands: string[]): Promise<string> {
  return [`FROM ${await debian()}`, `LABEL ${LABEL}`, ...commands, ""].join("\n");
}

/** A Python package that builds itself, so that pip needs no index for it. */
const PYTHON_PACKAGE = {
  "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  "backend.py": `
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "spoken-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.write("spoken.py")
        wheel.writestr("spoken-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: spoken\\nVersion: 1.0\\n")
        wheel.writestr("spoken-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("spoken-1.0.dist-info/RECORD", "")
    return name
`,
  "spoken.py": `word = "${unique}"\n`,
};

describe("images", () => {
  it("are the host's own Node by default, with no registry and no pull", async () => {
    const { name, said } = await built({ base: { type: "node" }, steps: [] });
    expect(said).toEqual([]);
    expect(await printed(name, ["/usr/local/bin/node", "--version"])).toBe(`${process.version}\n`);
  });

  it("hold packages of the distribution, and what commands have made", async () => {
    const steps: ImageDefinition["steps"] = [
      { type: "apt", packages: ["hello"] },
      { type: "run", command: `echo ${unique} > /etc/made` },
    ];
    const { name, said } = await built({ base: { type: "node" }, steps });
    expect(await printed(name, ["/usr/bin/hello"])).toBe("Hello, world!\n");
    expect(await printed(name, ["/bin/cat", "/etc/made"])).toBe(`${unique}\n`);
    expect(said).toContain(`step 2 of 2: run("echo ${unique} > /etc/made")`);
    // Building it again finds all of it.
    expect(await built({ base: { type: "node" }, steps })).toEqual({ name, said: [] });
  });

  it("keep their name when another orchestrator of the engine makes one of the same later", async () => {
    const name = `bellows/image:${unique.slice(0, 24)}`;
    names.add(name);
    const holding = async (file: string) =>
      Readable.from([gunzipSync(archives.get(await archive({ [file]: "" })) ?? "")]);
    await imported(docker, name, await holding("first"));
    const id = await imageId(docker, name);
    await imported(docker, name, await holding("second"));
    expect(await imageId(docker, name)).toBe(id);
  });

  it("hold native npm packages that work", async () => {
    const steps: ImageDefinition["steps"] = [{ type: "env", variables: { UNIQUE: unique } }];
    const { name } = await built({ base: { type: "node" }, steps }, { sharp: "0.35.5" });
    const script = `
      const sharp = require("/opt/bellows/packages/node_modules/sharp");
      sharp({ create: { width: 8, height: 4, channels: 3, background: "red" } }).png().toBuffer()
        .then((png) => sharp(png).metadata()).then(({ format, width }) => console.log(\`\${format} \${width}\`));`;
    expect(await printed(name, [NODE_PATH, "-e", script])).toBe("png 8\n");
  });

  it("hold Python packages, and the Python for them where there is none", async () => {
    const files = Object.entries(PYTHON_PACKAGE).map(([name, content]) => [`srv/spoken/${name}`, content]);
    const steps: ImageDefinition["steps"] = [
      { type: "copy", from: "./spoken", to: "/srv/spoken", archive: await archive(Object.fromEntries(files)) },
      { type: "pip", packages: ["/srv/spoken"] },
    ];
    const { name } = await built({ base: { type: "node" }, steps });
    expect(await printed(name, ["/usr/bin/python3", "-c", "import spoken; print(spoken.word)"])).toBe(`${unique}\n`);
  });

  it("hold files of the user's machine, where the code finds them", async () => {
    const steps: ImageDefinition["steps"] = [
      { type: "copy", from: "./data", to: "data", archive: await archive({ "data/a.txt": "beside the code" }) },
      { type: "copy", from: "./etc", to: "/etc/own", archive: await archive({ "etc/own/b.txt": "anywhere" }) },
    ];
    const { name } = await built({ base: { type: "node" }, steps });
    const script =
      'const { readFileSync: r } = require("fs"); console.log(r("/app/data/a.txt", "utf8"), r("/etc/own/b.txt", "utf8"))';
    expect(await printed(name, [NODE_PATH, "-e", script])).toBe("beside the code anywhere\n");
  });

  it("can be of a Dockerfile, and need no Node of their own", async () => {
    const context = await archive({ Dockerfile: await dockerfile("COPY file /etc/from-context"), file: unique });
    const { name } = await built({ base: { type: "dockerfile", path: "Dockerfile", archive: context }, steps: [] });
    expect(await printed(name, ["/bin/cat", "/etc/from-context"])).toBe(unique);
    expect(await printed(name, [NODE_PATH, "--version"])).toBe(`${process.version}\n`);
  });

  it("can be of a Dockerfile on one that was built before", async () => {
    const steps: ImageDefinition["steps"] = [{ type: "run", command: `echo ${unique} below > /etc/below` }];
    const below = await built({ base: { type: "node" }, steps });
    const lines = [`FROM ${below.name}`, `LABEL ${LABEL}`, "RUN rm /usr/local/bin/node && chmod 750 /app", ""];
    const context = await archive({ Dockerfile: lines.join("\n") });
    const { name } = await built({ base: { type: "dockerfile", path: "Dockerfile", archive: context }, steps: [] });
    expect(await printed(name, ["/bin/cat", "/etc/below"])).toBe(`${unique} below\n`);
    // A Node on PATH is part of what every image has.
    expect(await printed(name, ["/usr/local/bin/node", "--version"])).toBe(`${process.version}\n`);
    expect(await printed(name, ["/bin/sh", "-c", "stat -c %a /app"])).toMatch(/^750$/m);
  });

  it("can be ones that the engine has already, and need no Node of their own", async () => {
    const { name } = await built({ base: { type: "registry", name: await debian() }, steps: [] });
    expect(await printed(name, [NODE_PATH, "--version"])).toBe(`${process.version}\n`);
  });
});

const UNIQUE_RUN: ImageDefinition["steps"] = [{ type: "run", command: `echo ${unique} together > /etc/together` }];

describe("builds at the same time", () => {
  it("of one image are one, and of images with equal first steps do those once", async () => {
    const more = (command: string): ImageDefinition => ({
      base: { type: "node" },
      steps: [...UNIQUE_RUN, { type: "run", command }],
    });
    const [one, other, same] = await Promise.all(
      [more("true"), more("test -e /etc/together"), more("true")].map((it) => built(it)),
    );
    expect(one?.name).toBe(same?.name);
    expect(one?.name).not.toBe(other?.name);
    const below = async (name = ""): Promise<string[] | undefined> =>
      (await docker.getImage(name).inspect()).RootFS.Layers?.slice(0, -1);
    expect(await below(one?.name)).toEqual(await below(other?.name));
  });

  it("of two Dockerfiles in one folder are two images", async () => {
    const context = await archive({
      "Dockerfile.a": await dockerfile(`RUN echo ${unique} a > /etc/which`),
      "Dockerfile.b": await dockerfile(`RUN echo ${unique} b > /etc/which`),
    });
    const of = (path: string) => built({ base: { type: "dockerfile", path, archive: context }, steps: [] });
    const images = await Promise.all(["Dockerfile.a", "sub/Dockerfile.b"].map(of));
    const which = await Promise.all(images.map(({ name }) => printed(name, ["/bin/cat", "/etc/which"])));
    expect(which).toEqual([`${unique} a\n`, `${unique} b\n`]);
  });
});

describe("what a build may use", () => {
  it("holds the settings of npm for packages only, and shows no token", async () => {
    const show = `cat /run/bellows-npmrc 2>/dev/null || echo ${unique} no settings; echo the token is ${TOKEN}`;
    const { name, said } = await built({ base: { type: "node" }, steps: [{ type: "run", command: show }] });
    expect(said.join("\n")).toContain(`${unique} no settings\nthe token is ***`);
    expect(said.join("\n")).not.toContain(TOKEN);
    expect(await printed(name, ["/bin/ls", "/run"])).not.toContain("npmrc");
  });

  it("leaves an image its own Node and folder", async () => {
    const context = await archive({
      Dockerfile: await dockerfile(
        "RUN printf '#!/bin/sh\\necho its own' > /usr/local/bin/node && chmod 755 /usr/local/bin/node",
        "RUN mkdir --mode 750 /app",
      ),
    });
    const { name } = await built({ base: { type: "dockerfile", path: "Dockerfile", archive: context }, steps: [] });
    expect(await printed(name, ["/usr/local/bin/node", "--version"])).toBe("its own\n");
    expect(await printed(name, [NODE_PATH, "--version"])).toBe(`${process.version}\n`);
    expect(await printed(name, ["/bin/sh", "-c", "stat -c %a /app"])).toMatch(/^750$/m);
  });
});

describe("a builder that is closed", () => {
  it("ends what it builds, leaves nothing behind, and says why", async () => {
    const closing = newBuilder();
    const steps: ImageDefinition["steps"] = [{ type: "run", command: `echo ${unique} begun; sleep 600` }];
    let begun = (): void => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const ended = closing
      .build({ definition: { base: { type: "node" }, steps }, packages: {} }, (line) => {
        if (line === `${unique} begun`) begun();
      })
      .catch((error: unknown) => error);
    await hasBegun;
    await closing.close();
    expect(await ended).toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/^step 1 of 1: .* was ended: the orchestrator is stopping/),
    });
    const filters = { label: [`dev.bellows.instance=${unique}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    expect(readdirSync(join(folder, "run"))).toEqual([]);
  });
});

describe("a build that fails", () => {
  it("names the step and shows what it said last, and the next one begins where it stopped", async () => {
    const first = { type: "run" as const, command: `echo ${unique} > /etc/first` };
    const broken = { type: "run" as const, command: "echo before the end; ls /nowhere" };
    const definition: ImageDefinition = { base: { type: "node" }, steps: [first, broken] };
    await expect(built(definition)).rejects.toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(
        /^step 2 of 2: run\("echo before.* failed with status 2; it said last:\n(?=.*^before the end$)(?=.*\/nowhere)/ms,
      ),
    });
    const { said } = await built({ ...definition, steps: [first, { type: "run", command: "true" }] });
    expect(said).toEqual(['step 2 of 2: run("true")']);
  });

  it("says so when npm has no such package", async () => {
    const nothing = built({ base: { type: "node" }, steps: [] }, { [`no-such-package-${unique}`]: "1.0.0" });
    await expect(nothing).rejects.toThrow(/step 1 of 1: npmInstall\(.*404/s);
  });

  it("says so when there is no such image to begin with", async () => {
    const nothing = built({ base: { type: "registry", name: `no-such-image-${unique}` }, steps: [] });
    await expect(nothing).rejects.toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/could not be pulled: /),
    });
  });

  it("says which line of a Dockerfile failed", async () => {
    const context = await archive({ Dockerfile: await dockerfile("RUN echo said; exit 3") });
    const failing = built({ base: { type: "dockerfile", path: "Dockerfile", archive: context }, steps: [] });
    await expect(failing).rejects.toThrow(/Dockerfile could not be built: .*exit 3.*said/s);
  });
});
