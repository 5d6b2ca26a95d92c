/** The npm packages of this host's cache, for whoever installs them before an agent needs them. */
import { join } from "node:path";
import { hostKind } from "./agent/host-kind.ts";
import { installedPackages } from "./agent/npm-packages.ts";

/** Where an agent of this host finds exactly these packages. @throws StartupError with what npm said last. */
export async function installForHost(packages: Record<string, string>, cacheDir: string): Promise<void> {
  await installedPackages(packages, join(cacheDir, hostKind(), "packages"), cacheDir);
}
