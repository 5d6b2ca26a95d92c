/**
 * `npm start`. Depends on nothing but Node until the dependencies are installed. Stopping it stops everything it
 * started; a kill -9 of it leaves processes behind, which the next start ends.
 */
import { nodeVersionProblem } from "./setup/node-version.mjs";

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  console.error(`bellows: ${problem}`);
  process.exit(1);
}
// The rest uses what an old Node cannot even parse.
const { runStart } = await import("./start/run.mjs");
process.exitCode = await runStart(process.argv.slice(2));
