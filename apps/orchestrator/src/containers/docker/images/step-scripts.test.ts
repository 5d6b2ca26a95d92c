import { expect, it } from "vitest";
import { buildEnvironment, scriptOf } from "./step-scripts.ts";

it("gives the shell each package as it is written", () => {
  expect(scriptOf({ type: "apt", packages: ["a=1.0", "b'; rm -rf /"] })).toContain(`'a=1.0' 'b'\\''; rm -rf /'`);
});

it("stops at the first command that fails", () => {
  expect(scriptOf({ type: "run", command: "make" })).toMatch(/^set -e\n/);
  expect(scriptOf({ type: "pip", packages: ["numpy"] })).toMatch(/^set -e\n/);
  expect(scriptOf({ type: "npm", packages: ["sharp"] })).toMatch(/^set -e\n/);
});

it("passes on how registries are reached, and nothing else of the host", () => {
  const text = buildEnvironment({
    HTTPS_PROXY: "http://proxy:3128",
    npm_config_registry: "https://npm.example.com/it's",
    BELLOWS_MASTER_KEY: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  expect(text).toContain("export HTTPS_PROXY='http://proxy:3128'\n");
  expect(text).toContain(`export npm_config_registry='https://npm.example.com/it'\\''s'\n`);
  expect(text).not.toContain("secret");
});
