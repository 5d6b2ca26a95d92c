/** A browser for `e2e/`: the system's Chromium or Chrome, else the one Playwright has installed, else Debian's package. */
import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { runCommand } from "../setup/command.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const MAC_APPS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<string | undefined>} the program, or undefined when this host has none and cannot get one
 */
export async function findBrowser(root, say) {
  return systemBrowser() ?? playwrightBrowser(root) ?? (await debianBrowser(root, say));
}

function systemBrowser() {
  const named = process.env.BELLOWS_BROWSER;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [
    ...(named ? [named] : []),
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
  return [...candidates, ...MAC_APPS].find(isProgram);
}

/** @param {string} root */
function playwrightBrowser(root) {
  try {
    const { chromium } = createRequire(join(root, "e2e/package.json"))("@playwright/test");
    const path = chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} root @param {(line: string) => void} say */
async function debianBrowser(root, say) {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return undefined;
  say("installing Debian's chromium for the console's tests");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runCommand("apt-get", ["update", "-q"], { cwd: root, env });
  await runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], { cwd: root, env });
  return systemBrowser();
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
