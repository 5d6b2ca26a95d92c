/**
 * Where the built agent lies, its workers beside it: files that need no `node_modules`, made by this package's build. And
 * where the SDK lies that workers import before the code comes: it is there when all of Bellows has been built.
 */
import { fileURLToPath } from "node:url";

export const AGENT_PATH = fileURLToPath(new URL("../dist/agent.mjs", import.meta.url));
export const OWN_SDK_FOLDER = fileURLToPath(new URL("../../preloaded-sdk/dist/current", import.meta.url));
