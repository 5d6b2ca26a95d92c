/**
 * What Bellows puts into every image: this host's own Node, the agent and the worker, and the certificates that this host
 * trusts, all in one folder of its own. So an image needs no Node, and code runs on the Node it was deployed from. The
 * libraries that this Node is linked to come along for images that have none of their own.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const FOLDER = "/opt/bellows";
export const NODE_PATH = `${FOLDER}/bin/node`;
export const AGENT_PATH = `${FOLDER}/agent.mjs`;
export const OWN_SDK_FOLDER = `${FOLDER}/sdk`;
export const CERTIFICATES_PATH = `${FOLDER}/certificates.crt`;
/** The `node_modules` of an image is in it. */
export const PACKAGES_FOLDER = `${FOLDER}/packages`;
/** Where code runs; what an image copies to a relative path lies in it. */
export const WORK_FOLDER = "/app";
/** Of Debian and most others; elsewhere Node's own certificates are all there are. */
const HOST_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

export interface RunnerParts {
  nodePath: string;
  /** Its other files and the workers lie beside it. */
  agentPath: string;
  /** Of the SDK that workers import before their code comes, if it is there. */
  ownSdkFolder: string;
}

export interface ImageFile {
  path: string;
  content: Buffer;
  mode: number;
}

export interface RunnerLayer {
  files: readonly ImageFile[];
  /** Of Node, at the paths where its loader looks for them; the loader itself is one. */
  libraries: readonly ImageFile[];
  /** Of all of it: another Node or another version of Bellows is another layer. */
  hash: string;
}

/** Of a host that runs Linux, as `openDocker` has seen to. */
export async function runnerLayer({ nodePath, agentPath, ownSdkFolder }: RunnerParts): Promise<RunnerLayer> {
  const node = await realpath(nodePath);
  const runner = dirname(agentPath);
  const [files, agent, python, sdk, libraries] = await Promise.all([
    Promise.all([
      fileFrom(node, NODE_PATH, 0o755),
      fileFrom(HOST_CERTIFICATES, CERTIFICATES_PATH, 0o644).catch(() => ({
        path: CERTIFICATES_PATH,
        mode: 0o644,
        content: Buffer.alloc(0),
      })),
    ]),
    filesIn(runner, ".mjs", FOLDER),
    pythonFiles(join(runner, "python")),
    sdkFiles(ownSdkFolder),
    librariesOf([node]),
  ]);
  const all = [...files, ...agent, ...python, ...sdk];
  return { files: all, libraries, hash: hashOf([...all, ...libraries]) };
}

/** The sources of the worker of Python functions; not what this host's Python has compiled of them. */
async function pythonFiles(link: string): Promise<ImageFile[]> {
  return filesIn(await realpath(link), ".py", `${FOLDER}/python`);
}

async function sdkFiles(link: string): Promise<ImageFile[]> {
  if (!existsSync(link)) return [];
  return filesIn(await realpath(link), ".mjs", OWN_SDK_FOLDER);
}

async function filesIn(folder: string, ending: string, to: string): Promise<ImageFile[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(ending)).sort();
  return Promise.all(names.map((name) => fileFrom(join(folder, name), `${to}/${name}`, 0o644)));
}

/** The libraries that these binaries are linked to, and their loader; none for static ones. */
export async function librariesOf(binaries: readonly string[]): Promise<ImageFile[]> {
  const linked = (await Promise.all(binaries.map(linkedPaths))).flat();
  const folder = linked.filter((path) => path.endsWith("/libc.so.6")).map(dirname);
  const beside = folder.flatMap((path) => OF_THE_C_LIBRARY.map((name) => join(path, name)));
  const there = beside.filter((path) => existsSync(path));
  return Promise.all([...new Set([...linked, ...there])].sort().map((path) => fileFrom(path, path, 0o755)));
}

/** The rest of the C library, which native packages are linked to though Node is not. */
const OF_THE_C_LIBRARY = ["libresolv.so.2", "librt.so.1", "libutil.so.1", "libdl.so.2", "libpthread.so.0"];

async function linkedPaths(binary: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ldd", [binary]).catch(() => ({ stdout: "" }));
  return stdout.split("\n").flatMap((line) => /(\/\S+) \(0x[0-9a-f]+\)/.exec(line)?.[1] ?? []);
}

export async function fileFrom(source: string, path: string, mode: number): Promise<ImageFile> {
  return { path, mode, content: await readFile(source) };
}

export function hashOf(files: readonly ImageFile[]): string {
  const hash = createHash("sha256");
  for (const { path, mode, content } of files) hash.update(`${path} ${mode} ${content.byteLength}\n`).update(content);
  return hash.digest("hex").slice(0, 24);
}
