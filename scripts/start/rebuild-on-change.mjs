/** For `npm run dev`: sources change, turbo builds what depends on them, the orchestrator is started anew. The console has its own watch. */
import { watch } from "node:fs";
import { join } from "node:path";
import { buildWhatChanged } from "../setup/build.mjs";

const FOLDERS = ["packages", "apps/orchestrator"];
const SETTLE_MS = 150;

/**
 * @param {string} root
 * @param {{ orchestrator: import("./keep-running.mjs").KeptService, signal: AbortSignal, say: (line: string) => void }} context
 */
export function rebuildOnChange(root, { orchestrator, signal, say }) {
  /** @type {NodeJS.Timeout | undefined} */
  let settled;
  let building = Promise.resolve();
  for (const folder of FOLDERS) {
    watch(join(root, folder), { recursive: true, signal }, (_event, file) => {
      if (!file || !/(^|\/)src\//.test(file)) return;
      clearTimeout(settled);
      settled = setTimeout(() => {
        building = building.then(rebuild);
      }, SETTLE_MS);
    });
  }

  async function rebuild() {
    if (signal.aborted) return;
    let built = false;
    const onBuild = () => {
      built = true;
      say("building what changed");
    };
    try {
      await buildWhatChanged(root, { also: [], signal, onBuild });
      if (!built || signal.aborted) return;
      await orchestrator.restart();
      say("the orchestrator runs the new code");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }
}
