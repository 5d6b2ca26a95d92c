/**
 * What every test of the console starts from: one stack for all of them with some apps deployed, and a page that is
 * signed in by a link of its own and complains when the browser does.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bellows } from "@bellows/sdk";
import { test as base, expect, type Page } from "@playwright/test";
import { type Stack, startStack } from "../stack.ts";

interface WorkerFixtures {
  stack: Stack;
}

interface Fixtures {
  /** Signed in. Its errors fail the test at the end. */
  console: Page;
  /** Empty, and gone with the test. */
  folder: string;
}

const START_MS = 240_000;

export const test = base.extend<Fixtures, WorkerFixtures>({
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      const stack = await startStack({ console: true, env: { BELLOWS_GPUS: "H100:3,A10G:1" } });
      for (const app of ["faults", "screens", "long-names", "load"]) {
        expect(await stack.bellows(["deploy", `e2e/fixtures/${app}.ts`])).toMatchObject({ code: 0 });
      }
      await use(stack);
      expect(await stack.stop()).toBe(0);
    },
    { scope: "worker", timeout: START_MS },
  ],
  console: async ({ page, stack }, use) => {
    const errors = watchErrors(page);
    await signIn(page, stack);
    await use(page);
    expect(errors).toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "bellows-console-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});

export { expect };

/** A link works once, so every test asks for its own. */
export async function signIn(page: Page, stack: Stack): Promise<void> {
  await page.goto(await signInUrl(stack));
  // What the API says is there only when the page has come to life and listens to keys.
  await expect(page.getByRole("link", { name: "faults", exact: true }).first()).toBeVisible();
}

export async function signInUrl(stack: Stack): Promise<string> {
  const answer = await api(stack, "auth.createSignInLink");
  if (typeof answer !== "object" || answer === null || !("url" in answer)) throw new Error("no sign-in link came back");
  return String(answer.url);
}

/** What other programs do meanwhile. */
export async function withBellows<T>(stack: Stack, work: (bellows: Bellows) => Promise<T>): Promise<T> {
  const bellows = new Bellows({ url: stack.url, token: stack.token });
  try {
    return await work(bellows);
  } finally {
    await bellows.close();
  }
}

/** A mutation of the API, as any program makes it. */
async function api(stack: Stack, procedure: string, input: object = {}): Promise<unknown> {
  const response = await fetch(`${stack.url}/trpc/${procedure}`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.token}`, "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  const body: { result?: { data: unknown } } = JSON.parse(await response.text());
  if (!response.ok || body.result === undefined) throw new Error(`${procedure}: ${JSON.stringify(body)}`);
  return body.result.data;
}

/** What the page throws, and what it says about itself as an error. Refused requests are for the tests to expect. */
function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      errors.push(message.text());
  });
  return errors;
}
