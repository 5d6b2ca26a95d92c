/** The console in a real browser, on a real stack. The browser is the one `npm test` has found, or the system's Chromium. */
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const browser =
  process.env.BELLOWS_BROWSER || ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));

/** No sandbox: it needs rights that a container or root does not have. The rest keeps the browser from calling home. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "src/console",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  // All tests share one stack; more workers would mean more stacks.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { args: FLAGS, ...(browser ? { executablePath: browser } : {}) },
  },
});
