/** `bellows secret ...`: sets of variables for functions. What is in them can be set, and never be read again. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseEnv } from "node:util";
import type { SecretView } from "@bellows/protocol/views";
import type { Command } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { ago, type Column, printJson, printList } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";
import { UsageError } from "../usage-error.ts";

interface SetOptions extends CommonOptions {
  fromFile?: string;
  stdin?: boolean;
}

export function addSecret(program: Command): void {
  const secret = program.command("secret").alias("secrets").description("variables for functions, kept encrypted");
  withCommonOptions(secret.command("list"))
    .description("the secrets of an environment, without their values")
    .action(list);
  withCommonOptions(secret.command("set"))
    .description("set all variables of a secret, for containers that start from now on")
    .argument("<name>", "of the secret")
    .argument("[variables...]", "each NAME=VALUE; a shell keeps what is written so in its history")
    .option("--from-file <file>", "take them from a file of lines NAME=VALUE")
    .option("--stdin", "take such lines from stdin")
    .action(set);
  withCommonOptions(secret.command("delete")).description("delete a secret").argument("<name>").action(remove);
  withCommonOptions(secret.command("rotate-key"))
    .description("encrypt all secrets anew under a new key; for owners")
    .action(rotate);
}

const COLUMNS: Column<SecretView>[] = [
  { title: "secret", text: ({ name }) => name },
  { title: "variables", text: ({ variables }) => variables.join(", ") },
  { title: "changed", text: ({ updatedAtMs, updatedBy }) => `${ago(updatedAtMs, Date.now())} by ${updatedBy}` },
  { title: "used by", text: ({ usedBy }) => usedBy.join(", ") },
];

async function list(options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  const secrets = await request((api) => api.secrets.list.query({ environment }));
  printList(secrets, COLUMNS, {
    json: options.json,
    empty: "no secrets; make one with `bellows secret set NAME KEY=VALUE`",
  });
}

async function set(name: string, words: string[], options: SetOptions): Promise<void> {
  if (name.includes("=")) throw new UsageError("the first word names the secret; write it before NAME=VALUE");
  const variables = { ...(await variablesFrom(options)), ...variablesIn(words) };
  if (Object.keys(variables).length === 0) {
    throw new UsageError("give the secret something: NAME=VALUE, --from-file FILE, or --stdin");
  }
  const { request, environment } = await openSession(options);
  const view = await request((api) => api.secrets.set.mutate({ environment, name, variables }));
  if (options.json) return printJson(view);
  console.log(`secret ${view.name} holds ${view.variables.join(", ")}; containers that run keep what they had`);
}

async function variablesFrom({ fromFile, stdin }: SetOptions): Promise<Record<string, string>> {
  const lines = [
    ...(fromFile === undefined
      ? []
      : [
          await readFile(fromFile, "utf8").catch((error: NodeJS.ErrnoException) => {
            throw new UsageError(`${fromFile} cannot be read (${error.code}); name a file of lines NAME=VALUE`);
          }),
        ]),
    ...(stdin ? [await text(process.stdin)] : []),
  ];
  const parsed = lines.map((each) => parseEnv(each));
  return Object.fromEntries(
    parsed
      .flatMap((each) => Object.entries(each))
      .flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** @throws UsageError, which tells the place of a word and never the word: one that was typed wrongly may be the value. */
export function variablesIn(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word, position) => {
      const [, variable, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
      if (variable === undefined || value === undefined) {
        throw new UsageError(`word ${position + 1} after the name of the secret is no variable; write NAME=VALUE`);
      }
      return [variable, value];
    }),
  );
}

async function remove(name: string, options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  await request((api) => api.secrets.remove.mutate({ environment, name }));
  if (options.json) return printJson({ name });
  console.log(`secret ${name} is gone`);
}

async function rotate(options: CommonOptions): Promise<void> {
  const { request } = await openSession(options);
  const rotated = await request((api) => api.secrets.rotateKey.mutate());
  if (options.json) return printJson(rotated);
  console.log(`${rotated.secrets} ${rotated.secrets === 1 ? "secret is" : "secrets are"} encrypted under a new key`);
}
