/** Whether a Docker engine answers this user. */
import { spawnSync } from "node:child_process";
import { request } from "node:http";

const SOCKET = "/var/run/docker.sock";
const PATIENCE_MS = 5_000;

/** @returns {Promise<boolean>} */
export async function dockerAnswers() {
  const host = process.env.DOCKER_HOST ?? `unix://${SOCKET}`;
  // Only the engine's own client knows every kind of address.
  if (!host.startsWith("unix://")) return spawnSync("docker", ["version"], { timeout: PATIENCE_MS }).status === 0;
  return new Promise((resolve) => {
    const asked = request({ socketPath: host.slice("unix://".length), path: "/_ping", timeout: PATIENCE_MS });
    asked.once("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
    asked.once("close", () => resolve(false));
    asked.end();
  });
}
