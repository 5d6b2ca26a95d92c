/** Why a suite cannot run on this host. */

/**
 * @typedef {object} Host
 * @property {string | undefined} browser the path of one
 * @property {boolean} docker an engine answers this user
 * @property {{ found: boolean, broken?: string }} gpu
 */

const NO_DOCKER =
  "no Docker engine answers this user: install and start one, add the user to the group docker, or name one with DOCKER_HOST";
const NO_BROWSER = "no browser: install Chromium or Chrome, or name one with BELLOWS_BROWSER";
const NO_GPU = "no real GPU: the NVIDIA driver of this host lists none";

/**
 * @param {Pick<import("./suites.mjs").Suite, "needsBrowser" | "needsDocker" | "needsGpu">} suite
 * @param {Host} host
 * @returns {import("./summary.mjs").LeftOut | undefined} undefined when it can. Only for a GPU that is not there it is
 *   forgiven where CI=true: everything else can be installed.
 */
export function missingFor({ needsBrowser, needsDocker, needsGpu }, { browser, docker, gpu }) {
  if (needsBrowser && browser === undefined) return { reason: NO_BROWSER, forgiven: false };
  if (needsDocker && !docker) return { reason: NO_DOCKER, forgiven: false };
  if (!needsGpu || gpu.found) return undefined;
  if (gpu.broken === undefined) return { reason: NO_GPU, forgiven: true };
  return { reason: `the NVIDIA driver does not answer: ${gpu.broken}`, forgiven: false };
}
