/** What every command of this repository does first, whether anything was installed before or not. */
import { whileCloneIsLocked } from "./clone-lock.mjs";
import { install, needsInstall } from "./install.mjs";
import { nodeVersionProblem } from "./node-version.mjs";
import { Refusal } from "./refusal.mjs";

const NEVER = new AbortController().signal;

/** Ends the process with one sentence when it cannot. @param {string} root @param {(signal: AbortSignal) => Promise<void>} [andThen] under the same lock: the build */
export async function ensureInstalled(root, andThen = async () => {}) {
  try {
    const problem = nodeVersionProblem(process.versions.node);
    if (problem) throw new Refusal(problem);
    const onWait = () => console.log("waiting for another command that installs or builds in this clone");
    await whileCloneIsLocked(root, { signal: NEVER, onWait }, async () => {
      if (needsInstall(root)) {
        console.log("installing the dependencies");
        await install(root, NEVER);
      }
      await andThen(NEVER);
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`bellows: ${error.message}`);
    process.exit(error.exitCode);
  }
}
