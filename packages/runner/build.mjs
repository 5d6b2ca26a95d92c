/**
 * Builds the agent and the worker, each into one file that needs nothing but Node: they are started on hosts and in
 * containers that hold no `node_modules`. The worker of Python functions, one file as it is, goes beside them. Each file
 * appears by one rename, for agents may start from it at any time.
 *
 *     node build.mjs [OUTPUT_FOLDER]
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outputFolder = resolve(process.argv[2] ?? join(here, "dist"));

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: { agent: "src/agent/main.ts", worker: "src/worker/main.ts" },
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
  define: {
    "process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED": '"true"',
    "process.env.WS_NO_BUFFER_UTIL": '"true"',
    "process.env.WS_NO_UTF_8_VALIDATE": '"true"',
  },
  // CommonJS packages inside an ES module still ask for Node's own modules with `require`.
  banner: { js: 'import{createRequire as nodeRequire}from"node:module";const require=nodeRequire(import.meta.url);' },
});

await mkdir(outputFolder, { recursive: true });
const pythonWorker = {
  path: join(outputFolder, "worker.py"),
  contents: await readFile(join(here, "python/worker.py")),
};
for (const { path, contents } of [...outputFiles, pythonWorker]) {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}
