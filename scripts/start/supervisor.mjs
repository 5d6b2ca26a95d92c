/**
 * One run of everything on this machine: started in order, watched, stopped in the opposite order. What a killed
 * supervisor left behind is ended first; the containers it ran are not touched, the orchestrator adopts them.
 */
import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { buildWhatChanged } from "../setup/build.mjs";
import { whileCloneIsLocked } from "../setup/clone-lock.mjs";
import { install, needsInstall } from "../setup/install.mjs";
import { endStranger } from "../setup/processes.mjs";
import { Refusal } from "../setup/refusal.mjs";
import { connectApi, isHealthy, readCredentials } from "./api.mjs";
import { deployExamples } from "./examples.mjs";
import { keepService } from "./keep-running.mjs";
import { requireFreePort } from "./ports.mjs";
import { openDatabase } from "./postgres.mjs";
import { readyText } from "./ready-text.mjs";
import { rebuildOnChange } from "./rebuild-on-change.mjs";
import { consoleSpec, orchestratorSpec, urlOf } from "./services.mjs";
import { lockState } from "./state-lock.mjs";

/** Running inputs have 10 s, the exit hooks of their containers 30 s after that; the rest is for writing everything down. */
const ORCHESTRATOR_GRACE_MS = 60_000;
const CONSOLE_GRACE_MS = 5_000;
const POLL_MS = 50;

/** @typedef {import("./keep-running.mjs").KeptService} KeptService */

/**
 * Resolves when everything has been stopped.
 * @param {string} root
 * @param {import("./options.mjs").StartOptions} options
 * @param {{ stop: AbortSignal, hurry: AbortSignal, say: (line: string) => void }} person `stop`: asked to; `hurry`: asked twice
 * @throws {Refusal} when it cannot start; by then nothing of it runs
 */
export async function supervise(root, options, person) {
  const { stop, say } = person;
  const lock = lockState(options.stateDir);
  /** @type {{ console?: KeptService, orchestrator?: KeptService, database?: import("./postgres.mjs").DatabaseService }} */
  const running = {};
  try {
    await endLeftovers(lock, say);
    await prepare(root, options, person);
    if (!stop.aborted) await startAll(root, options, person, { lock, running });
    await aborted(stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await stopAll(running, person);
    lock.release();
  }
}

/** @param {import("./state-lock.mjs").StateLock} lock @param {(line: string) => void} say */
async function endLeftovers(lock, say) {
  // Killed outright: an orchestrator that is told to stop would take its containers with it. Postgres comes last and
  // writes everything down.
  for (const name of ["console", "orchestrator", "postgres"]) {
    for (const left of lock.leftBehind.filter((record) => record.name === name)) {
      say(`ending the ${name} (process ${left.pid}) that an earlier start left behind`);
      const how = name === "postgres" ? { signal: "SIGINT", graceMs: 30_000 } : { signal: "SIGKILL", graceMs: 0 };
      await endStranger(left, /** @type {{ signal: NodeJS.Signals, graceMs: number }} */ (how));
      lock.remove(left);
    }
  }
}

/**
 * Nothing is started before the clone is ready and the ports are known to be free.
 * @param {string} root
 * @param {import("./options.mjs").StartOptions} options
 * @param {{ stop: AbortSignal, say: (line: string) => void }} person
 */
async function prepare(root, options, { stop, say }) {
  const { host } = options;
  await requireFreePort({ port: options.port, host, what: "the API", flag: "--port" });
  if (options.console)
    await requireFreePort({ port: options.consolePort, host, what: "the console", flag: "--console-port" });
  const onWait = () => say("waiting for another start that installs or builds in this clone");
  await whileCloneIsLocked(root, { signal: stop, onWait }, async () => {
    if (needsInstall(root)) {
      say("installing the dependencies");
      await install(root, stop);
    }
    const onBuild = () => say("building what changed");
    await buildWhatChanged(root, { also: options.console && !options.dev ? ["apps/web"] : [], signal: stop, onBuild });
  });
}

/**
 * The console comes before the orchestrator, so that `/healthz` answers when everything is there.
 * @param {string} root
 * @param {import("./options.mjs").StartOptions} options
 * @param {{ stop: AbortSignal, say: (line: string) => void }} person
 * @param {{ lock: import("./state-lock.mjs").StateLock, running: { console?: KeptService, orchestrator?: KeptService, database?: import("./postgres.mjs").DatabaseService } }} context
 */
async function startAll(root, options, { stop, say }, { lock, running }) {
  const context = { lock, say };
  const apiUrl = urlOf(options.host, options.port);
  const consoleUrl = urlOf(options.host, options.consolePort);

  const { stateDir, databaseUrl } = options;
  if (options.console) running.console = keepService(consoleSpec(root, options), context);
  running.database = await openDatabase({ root, stateDir, databaseUrl }, context);
  if (running.console) await answering(running.console, () => answers(consoleUrl), stop);
  if (stop.aborted) return;
  running.orchestrator = keepService(orchestratorSpec(root, options, running.database.url), context);
  await answering(running.orchestrator, () => isHealthy(apiUrl), stop);
  if (stop.aborted) return;
  running.console?.keep();
  running.orchestrator.keep();

  // Its public URL may be that of something that does not stand yet.
  const credentials = { ...readCredentials(stateDir), url: apiUrl };
  const api = connectApi(credentials);
  const examples = options.examples ? await deployExamples(root, { api, credentials, signal: stop }) : undefined;
  for (const { file, output } of examples?.failed ?? []) say(`${file} could not be deployed: ${output}`);
  const { driver } = await api.query("system.info");
  const link = options.console ? await api.mutate("auth.createSignInLink") : undefined;
  const shownStateDir = relative(process.cwd(), stateDir) || stateDir;
  const deployed = examples?.deployed ?? [];
  say(readyText({ apiUrl, signInUrl: link?.url, stateDir: shownStateDir, deployed, driver }));
  if (options.dev) rebuildOnChange(root, { orchestrator: running.orchestrator, signal: stop, say });
}

/**
 * @param {KeptService} service
 * @param {() => Promise<boolean>} isReady
 * @param {AbortSignal} stop
 * @throws {Refusal} when it ends before it is ready, with what it said last
 */
async function answering(service, isReady, stop) {
  const current = service.current();
  while (!stop.aborted && !(await isReady())) {
    if (current.isOver) {
      const { how, sentence } = await current.ended;
      throw new Refusal(
        sentence ?? `the ${service.name} ended before it was ready (${how}); ${service.logFile} says why`,
      );
    }
    await delay(POLL_MS);
  }
}

/** @param {string} url whatever status it answers with */
async function answers(url) {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {{ console?: KeptService, orchestrator?: KeptService, database?: import("./postgres.mjs").DatabaseService }} running
 * @param {{ hurry: AbortSignal, say: (line: string) => void }} person
 */
async function stopAll({ console, orchestrator, database }, { hurry, say }) {
  if (!console && !orchestrator && !database) return;
  say("stopping");
  const kill = () => {
    console?.kill();
    orchestrator?.kill();
  };
  if (hurry.aborted) kill();
  hurry.addEventListener("abort", kill, { once: true });
  await console?.stop({ graceMs: CONSOLE_GRACE_MS });
  // SIGTERM is for a restart: containers carry on. SIGINT ends them too.
  await orchestrator?.stop({ signal: "SIGINT", graceMs: ORCHESTRATOR_GRACE_MS });
  await database?.stop();
  say("stopped");
}

/** @param {AbortSignal} signal */
function aborted(signal) {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
