/** What every command of this repository does first, whether anything was installed before or not. */
import { whileCloneIsLocked } from "./clone-lock.mjs";
import { install, needsInstall } from "./install.mjs";
import { nodeVersionProblem } from "./node-version.mjs";
import { Refusal } from "./refusal.mjs";

/**
 * Ends the process with one sentence when it cannot.
 * @param {string} root
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} [andThen] under the same lock: the build
 */
export async function ensureInstalled(root, signal, andThen = async () => {}) {
  try {
    const problem = nodeVersionProblem(process.versions.node);
    if (problem) throw new Refusal(problem);
    const onWait = () => console.log("waiting for another command that installs or builds in this clone");
    await whileCloneIsLocked(root, { signal, onWait }, async () => {
      if (needsInstall(root)) {
        console.log("installing the dependencies");
        await install(root, signal);
      }
      await andThen();
    });
    if (signal.aborted) process.exit(130);
  } catch (error) {
    if (signal.aborted) process.exit(130);
    if (!(error instanceof Refusal)) throw error;
    console.error(`bellows: ${error.message}`);
    process.exit(error.exitCode);
  }
}
