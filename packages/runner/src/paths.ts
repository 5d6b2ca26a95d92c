/** Where the built agent lies, its worker beside it: single files that need no `node_modules`, made by this package's build. */
import { fileURLToPath } from "node:url";

export const AGENT_PATH = fileURLToPath(new URL("../dist/agent.mjs", import.meta.url));
export const WORKER_PATH = fileURLToPath(new URL("../dist/worker.mjs", import.meta.url));
