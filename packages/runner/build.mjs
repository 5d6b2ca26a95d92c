/**
 * Builds the agent and the worker into files that need nothing but Node: they are started on hosts and in containers that
 * hold no `node_modules`. The worker of Python functions, a folder of its sources, goes beside them. Each appears by one
 * rename, for agents may start from it at any time.
 *
 *     node build.mjs [OUTPUT_FOLDER]
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outputFolder = resolve(process.argv[2] ?? join(here, "dist"));

/** In the order in which they appear, after the worker of Python: whoever finds one finds what it starts and imports. */
const ENTRY_POINTS = { worker: "src/worker/main.ts", "agent-run": "src/agent/run.ts", agent: "src/agent/main.ts" };
const turnOf = ({ path }) => Object.keys(ENTRY_POINTS).indexOf(basename(path, ".mjs"));

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: ENTRY_POINTS,
  outdir: outputFolder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  target: "node20.19",
  conditions: ["@bellows/source"],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  // Accelerators that these packages look for and do without; the files must not depend on what lies around them.
  external: ["bufferutil", "utf-8-validate"],
  plugins: [{ name: "agent-in-two", setup: leaveRunBeside }],
  define: {
    "process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED": '"true"',
    "process.env.WS_NO_BUFFER_UTIL": '"true"',
    "process.env.WS_NO_UTF_8_VALIDATE": '"true"',
  },
  // CommonJS packages inside an ES module still ask for Node's own modules with `require`.
  banner: { js: 'import{createRequire as nodeRequire}from"node:module";const require=nodeRequire(import.meta.url);' },
});

/** Node reads all of a module before its first line: the one that spawns the worker is small, and the agent comes after it. */
function leaveRunBeside({ onResolve }) {
  const importer = join(here, ENTRY_POINTS.agent);
  onResolve({ filter: /^\.\/run\.ts$/ }, (asked) =>
    asked.importer === importer ? { path: "./agent-run.mjs", external: true } : undefined,
  );
}

await mkdir(outputFolder, { recursive: true });
await buildPythonWorker();
for (const { path, contents } of outputFiles.sort((a, b) => turnOf(a) - turnOf(b))) {
  await appear(path, (temporary) => writeFile(temporary, contents));
}

/**
 * Python keeps what it has compiled beside the sources, and starts from it in less time than from one file of them all.
 * So the worker stays a folder; it is named after what is in it, and `python` is a link to it, which a rename replaces.
 * A worker that is being started goes on in the folder it began in: that of the build before is left where it is.
 */
async function buildPythonWorker() {
  const source = join(here, "python");
  const names = (await readdir(source, { recursive: true })).filter((name) => name.endsWith(".py")).sort();
  const files = await Promise.all(names.map(async (name) => ({ name, contents: await readFile(join(source, name)) })));
  const hash = createHash("sha256");
  for (const { name, contents } of files) hash.update(`${name} ${contents.byteLength}\n`).update(contents);
  const folder = `python-${hash.digest("hex").slice(0, 16)}`;
  const link = join(outputFolder, "python");
  const before = await readlink(link).catch(() => undefined);
  if (before === folder) return;
  for (const { name, contents } of files) {
    const path = join(outputFolder, folder, name);
    await mkdir(dirname(path), { recursive: true });
    await appear(path, (temporary) => writeFile(temporary, contents));
  }
  await appear(link, (temporary) => symlink(folder, temporary));
  for (const old of await readdir(outputFolder)) {
    if (!/^python-[0-9a-f]{16}$/.test(old) || old === folder || old === before) continue;
    await rm(join(outputFolder, old), { recursive: true, force: true });
  }
}

async function appear(path, make) {
  const temporary = `${path}.${process.pid}`;
  await make(temporary);
  await rename(temporary, path);
}
