/** What the shell of an image is told to do for each step. Pure. */
import { dirname } from "node:path";
import type { ImageStep } from "@bellows/protocol/image";
import { CERTIFICATES_PATH, NODE_PATH, PACKAGES_FOLDER, WORK_FOLDER } from "./runner-layer.ts";

/** Mounted while a step runs, and no part of the image: how registries are reached, and this host's npm. */
export const BUILD_ENVIRONMENT = "/run/bellows-build.env";
export const NPM_FOLDER = "/opt/npm";
export const NPM_SETTINGS = "/run/bellows-npmrc";

const NPM_ARGUMENTS = "install --omit=dev --no-audit --no-fund --no-package-lock --no-progress --loglevel=error";
const APT = "apt-get install -y -q --no-install-recommends";

type ScriptedStep = Exclude<ImageStep, { type: "env" | "copy" }>;

export function scriptOf(step: ScriptedStep): string {
  return ["set -e", `. ${BUILD_ENVIRONMENT}`, ...commandsOf(step)].join("\n");
}

function commandsOf(step: ScriptedStep): string[] {
  switch (step.type) {
    case "apt":
      return aptCommands(step.packages);
    case "npm":
      return [
        `cd ${PACKAGES_FOLDER}`,
        // Install scripts build for the Node that the code runs on, also in an image that has one of its own.
        `export PATH="${dirname(NODE_PATH)}:$PATH"`,
        `export npm_config_userconfig=${NPM_SETTINGS} npm_config_cache=/tmp/npm HOME=/tmp`,
        `${NODE_PATH} ${NPM_FOLDER}/bin/npm-cli.js ${NPM_ARGUMENTS}`,
      ];
    case "pip":
      return [
        "if ! python3 -m pip --version >/dev/null 2>&1; then",
        ...aptCommands(["python3", "python3-pip"]),
        "fi",
        `export PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore PIP_CERT=${CERTIFICATES_PATH} HOME=/tmp`,
        `python3 -m pip install --no-cache-dir --disable-pip-version-check --progress-bar off ${words(step.packages)}`,
      ];
    case "run":
      return [`cd ${WORK_FOLDER}`, step.command];
    default:
      return step satisfies never;
  }
}

function aptCommands(packages: readonly string[]): string[] {
  return [
    'command -v apt-get >/dev/null || { echo "this image has no apt-get; begin with a Debian or Ubuntu, or install with run(...)"; exit 127; }',
    "export DEBIAN_FRONTEND=noninteractive",
    "apt-get update -q",
    `${APT} ${words(packages)}`,
    "rm -rf /var/lib/apt/lists/*",
  ];
}

/** So that the shell takes each as it is written. */
function words(texts: readonly string[]): string {
  return texts.map((text) => `'${text.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Of this host's variables: where registries are and how they are reached. */
const PASSED_ON =
  /^(npm_config_(registry|proxy|https_proxy|noproxy)|pip_(index_url|extra_index_url|trusted_host)|https?_proxy|no_proxy)$/i;

/** As a file that a shell reads. */
export function buildEnvironment(environment: Record<string, string | undefined>): string {
  const passed = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.test(name) ? [`export ${name}=${words([value])}`] : [],
  );
  return [...passed, `export NODE_EXTRA_CA_CERTS=${CERTIFICATES_PATH}`, ""].join("\n");
}
