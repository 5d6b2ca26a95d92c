/** The few procedures of the API that a start needs, over plain HTTP: nothing of ours may have to be imported for it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ query: (name: string, input?: unknown) => Promise<any>, mutate: (name: string, input?: unknown) => Promise<any> }} Api */

/** @param {string} stateDir @returns {{ url: string, token: string }} written by the orchestrator before it listens */
export function readCredentials(stateDir) {
  return JSON.parse(readFileSync(join(stateDir, "credentials.json"), "utf8"));
}

/** @param {{ url: string, token: string }} credentials @returns {Api} */
export function connectApi({ url, token }) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return {
    query(name, input) {
      const query = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return send(name, `${url}/trpc/${name}${query}`, { headers });
    },
    mutate: (name, input) =>
      send(name, `${url}/trpc/${name}`, { method: "POST", headers, body: JSON.stringify(input ?? null) }),
  };
}

/** @param {string} name @param {string} url @param {RequestInit} request */
async function send(name, url, request) {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(30_000) });
  /** @type {any} */
  const body = await response.json();
  if (response.ok) return body.result.data;
  throw new Error(`${name}: ${body.error?.message ?? `status ${response.status}`}`);
}

/** Whether the orchestrator answers and says that it is ready. @param {string} url */
export async function isHealthy(url) {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
