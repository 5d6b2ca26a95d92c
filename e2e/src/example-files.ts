/** The examples, by the files that run them: those of a new one are in every suite that runs them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./stack.ts";

/** Not what npm, builds and tools leave beside them. */
const EXAMPLE = /^(?!node_modules$|dist$)[a-z]/;

const FOLDERS = readdirSync(join(REPOSITORY, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && EXAMPLE.test(entry.name))
  .map(({ name }) => `examples/${name}`);

/** One in each folder, of its name. */
export const MAIN_FILES = FOLDERS.map((folder) => `${folder}/${folder.slice("examples/".length)}.ts`);
/** Of what only Docker can do; few have one. */
export const ON_DOCKER_FILES = FOLDERS.map((folder) => `${folder}/on-docker.ts`).filter(isThere);

const missing = MAIN_FILES.filter((file) => !isThere(file));
if (missing.length > 0) throw new Error(`a folder of examples has a file of its own name; there is no ${missing}`);

function isThere(file: string): boolean {
  return existsSync(join(REPOSITORY, file));
}
