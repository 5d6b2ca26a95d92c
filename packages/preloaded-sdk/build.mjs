/**
 * The SDK as every deploy has it beside its code, made by what makes it for a deploy: a worker that waits imports it from
 * here before the code comes (`packages/runner/src/agent/own-sdk.ts`). It is a package of its own, for it is built after
 * the CLI and the runner before it.
 *
 * A build is a folder named after what is in it, which appears by one rename; `current` is a link to it, which a rename
 * replaces. A container goes on loading from the folder that it began with, so one stays for a time after it was current.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readlink, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sdkModules } from "@bellows/cli/bundle/sdk-modules";

const KEPT_MS = 30 * 24 * 3_600_000;
const FOLDER = /^[0-9a-f]{16}$/;

const outputFolder = fileURLToPath(new URL("dist", import.meta.url));
const link = join(outputFolder, "current");
const modules = await sdkModules(fileURLToPath(import.meta.resolve("@bellows/sdk")), []);
const folder = createHash("sha256").update(JSON.stringify(modules)).digest("hex").slice(0, 16);

await mkdir(outputFolder, { recursive: true });
if (!(await readdir(outputFolder)).includes(folder)) await writeModules(folder);
const before = await readlink(link).catch(() => undefined);
if (before !== folder) {
  if (before !== undefined) await utimes(join(outputFolder, before), new Date(), new Date()).catch(() => undefined);
  const temporary = `${link}.${process.pid}`;
  await symlink(folder, temporary);
  await rename(temporary, link);
}
for (const old of await readdir(outputFolder)) {
  if (!FOLDER.test(old) || old === folder) continue;
  const path = join(outputFolder, old);
  if (Date.now() - (await stat(path)).mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
}

async function writeModules(name) {
  const temporary = join(outputFolder, `.${name}.${process.pid}`);
  for (const [path, text] of Object.entries(modules)) {
    const file = join(temporary, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await rename(temporary, join(outputFolder, name));
}
