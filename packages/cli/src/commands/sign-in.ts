/** `bellows sign-in`: a new one-time link into the console. The link alone is on stdout, so that it can be passed on. */
import { spellDuration } from "@bellows/protocol/duration";
import type { Command } from "commander";
import pc from "picocolors";
import { withCommonOptions } from "../common-options.ts";
import { printJson } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";

const MINUTE_MS = 60_000;

export function addSignIn(program: Command): void {
  withCommonOptions(program.command("sign-in"))
    .description("print a new one-time link that signs a browser in to the console")
    .action(signIn);
}

async function signIn(options: CommonOptions): Promise<void> {
  const { request } = await openSession(options);
  const link = await request((api) => api.auth.createSignInLink.mutate());
  if (options.json) return printJson(link);
  console.log(link.url);
  const leftMs = Math.round((link.expiresAtMs - Date.now()) / MINUTE_MS) * MINUTE_MS;
  console.error(pc.dim(`good once, for ${spellDuration(leftMs)}`));
}
