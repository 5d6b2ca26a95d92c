/** `bellows limit list` and `bellows limit set`: the limits of an environment, by the names that errors give them. */
import { ENVIRONMENT_LIMITS, type EnvironmentLimits } from "@bellows/protocol/limits";
import type { LimitsView } from "@bellows/protocol/views";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { type Column, printJson, printList } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";

type LimitName = keyof EnvironmentLimits;
const NAMES = Object.keys(ENVIRONMENT_LIMITS).filter((name): name is LimitName => name in ENVIRONMENT_LIMITS);
/** Gives a limit back its default. */
const DEFAULT = "default";

export function addLimit(program: Command): void {
  const limit = program.command("limit").alias("limits").description("the limits of an environment");
  withCommonOptions(limit.command("list")).description("each limit, its default and its bounds").action(listLimits);
  withCommonOptions(limit.command("set"))
    .description("set one limit, from now on; for admins and owners")
    .addArgument(new Argument("<name>", "of the limit").choices(NAMES))
    .addArgument(new Argument("<value>", `a number, or \`${DEFAULT}\``).argParser(limitValue))
    .action(setLimit);
}

/** Null for the default. Bounds are for the orchestrator to know. */
function limitValue(text: string): number | null {
  if (text === DEFAULT) return null;
  const value = Number(text.replaceAll(/[,_]/g, ""));
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`Write a number, or \`${DEFAULT}\`.`);
}

interface Row {
  name: LimitName;
  value: number;
  isSet: boolean;
}

const COLUMNS: Column<Row>[] = [
  { title: "limit", text: ({ name }) => name },
  { title: "value", text: ({ value }) => spell(value), align: "right" },
  { title: "default", text: ({ name }) => spell(ENVIRONMENT_LIMITS[name].default), align: "right" },
  { title: "from", text: ({ name }) => spell(ENVIRONMENT_LIMITS[name].min), align: "right" },
  { title: "to", text: ({ name }) => spell(ENVIRONMENT_LIMITS[name].max), align: "right" },
  { title: "set here", text: ({ isSet }) => (isSet ? "yes" : "") },
];

function spell(count: number): string {
  return count.toLocaleString("en");
}

async function listLimits(options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  const view = await request((api) => api.limits.get.query({ environment }));
  if (options.json) return printJson(view);
  printList(rowsOf(view), COLUMNS, { json: false, empty: "" });
}

function rowsOf({ limits, set }: LimitsView): Row[] {
  return NAMES.map((name) => ({ name, value: limits[name], isSet: set.includes(name) }));
}

async function setLimit(name: LimitName, value: number | null, options: CommonOptions): Promise<void> {
  const { request, environment } = await openSession(options);
  const view = await request((api) => api.limits.set.mutate({ environment, limits: { [name]: value } }));
  if (options.json) return printJson(view);
  console.log(`${name} is ${spell(view.limits[name])} now${view.set.includes(name) ? "" : ", its default"}`);
}
