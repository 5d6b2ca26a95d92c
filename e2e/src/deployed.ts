/** What a test file about one fixture starts from. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bellows } from "@bellows/sdk";
import { afterAll, beforeAll, expect } from "vitest";
import { type Stack, startStack } from "./stack.ts";

/** There from the first test on, until the last one has ended. */
export interface Deployed {
  readonly stack: Stack;
  readonly bellows: Bellows;
  /** For the files by which tests and deployed code wait for each other. */
  readonly folder: string;
  /** Once more. */
  deploy(): Promise<void>;
}

/** A stack of the file's own on which `e2e/fixtures/NAME.ts` is deployed. */
export function deployed(fixture: string): Deployed {
  let stack: Stack | undefined;
  let bellows: Bellows | undefined;
  let folder: string | undefined;

  function started<T>(thing: T | undefined): T {
    if (thing === undefined) throw new Error("there is nothing before the first test");
    return thing;
  }

  async function deploy(): Promise<void> {
    expect(await started(stack).bellows(["deploy", `e2e/fixtures/${fixture}.ts`])).toMatchObject({ code: 0 });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `bellows-${fixture}-`));
    stack = await startStack();
    bellows = new Bellows({ url: stack.url, token: stack.token });
    await deploy();
  }, 240_000);

  afterAll(async () => {
    await bellows?.close();
    expect(await stack?.stop()).toBe(0);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  return {
    get stack() {
      return started(stack);
    },
    get bellows() {
      return started(bellows);
    },
    get folder() {
      return started(folder);
    },
    deploy,
  };
}
