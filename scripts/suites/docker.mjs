/** Whether a Docker engine of this host answers this user. */
import { request } from "node:http";

const SOCKET = "/var/run/docker.sock";
const PATIENCE_MS = 5_000;

/** @returns {Promise<boolean>} */
export async function dockerAnswers() {
  const host = process.env.DOCKER_HOST ?? `unix://${SOCKET}`;
  // Bellows uses no other: the containers of an engine elsewhere could not reach it.
  if (!host.startsWith("unix://")) return false;
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
