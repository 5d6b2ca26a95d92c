/** `bellows function scale`: the settings by which a function is scaled, shown or changed until its next deploy. */
import {
  AUTOSCALER_SETTINGS,
  type AutoscalerChanges,
  type AutoscalerSetting,
  parseAutoscalerChanges,
} from "@bellows/protocol/autoscaler-settings";
import { formatDuration, parseDuration } from "@bellows/protocol/duration";
import { InvalidError } from "@bellows/protocol/errors";
import { listNames } from "@bellows/protocol/known-names";
import type { EffectiveSetting, EffectiveSettings } from "@bellows/protocol/views";
import { type Command, InvalidArgumentError } from "commander";
import { withCommonOptions } from "../common-options.ts";
import { appAndFunction, functionArgument } from "../function-argument.ts";
import { ago, type Column, printJson, table } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";
import { UsageError } from "../usage-error.ts";

interface ScaleOptions extends CommonOptions {
  min?: number;
  max?: number;
  buffer?: number;
  scaledownWindow?: number;
  scaleupWindow?: number;
  target?: number;
  reset?: ResetNames;
}

/** "all" beside nothing else. */
type ResetNames = "all" | string[];

export function addFunctionScale(command: Command): void {
  functionArgument(withCommonOptions(command.command("scale")))
    .description("show how a function is scaled, or change it until its next deploy")
    .option("--min <n>", "containers kept running even when idle", count)
    .option("--max <n>", "containers past which inputs wait", count)
    .option("--buffer <n>", "extra idle containers while it is active", count)
    .option("--scaledown-window <duration>", "the longest an idle container is kept, such as 5m", duration)
    .option("--scaleup-window <duration>", "how long demand must last, such as 10s", duration)
    .option("--target <n>", "inputs that a container is provisioned for", count)
    .option(
      "--reset <names>",
      `take changes back: of ${listNames(Object.keys(SETTING_OF_FLAG))}, several with commas, or all`,
      resetNames,
    )
    .action(scale);
}

/** Of each flag: its setting, as the options of functions call it. */
const SETTING_OF_FLAG = {
  min: "minContainers",
  max: "maxContainers",
  buffer: "bufferContainers",
  "scaledown-window": "scaledownWindow",
  "scaleup-window": "scaleupWindow",
  target: "targetInputs",
} as const satisfies Record<string, keyof AutoscalerChanges>;

/** Bounds are for the parser of changes to know. */
function count(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Write a number.");
}

function duration(text: string): number {
  const ms = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("Write a duration such as 10s or 5m.");
}

/** One word, so that it never takes the name of the function, which may come after it. */
function resetNames(text: string): ResetNames {
  return text === "all" ? text : text.split(",").map((name) => name.trim());
}

async function scale(_of: string, options: ScaleOptions, { args }: Command): Promise<void> {
  const { app, name } = appAndFunction(args);
  const changes = changesOf(options);
  const { request, environment } = await openSession(options);
  const ref = { app, name, environment };
  const view = await request((api) =>
    changes ? api.functions.updateAutoscaler.mutate({ ...ref, changes }) : api.functions.autoscaler.query(ref),
  );
  if (options.json) return printJson(view);
  console.log(scaleTable(view.settings, Date.now()));
}

/** Undefined when only a look is asked for. @throws UsageError */
export function changesOf(options: Omit<ScaleOptions, keyof CommonOptions>): AutoscalerChanges | undefined {
  const { min, max, buffer, scaledownWindow, scaleupWindow, target, reset } = options;
  const set: AutoscalerChanges = {
    minContainers: min,
    maxContainers: max,
    bufferContainers: buffer,
    scaledownWindow,
    scaleupWindow,
    targetInputs: target,
  };
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  const taken = resetOf(reset);
  if (given.length === 0 && taken.length === 0) return undefined;
  const both = taken.find((setting) => set[setting] !== undefined);
  if (both && reset !== "all") throw new UsageError(`${both} is both set and taken back; leave one of the two out`);
  const changes: AutoscalerChanges = {
    ...Object.fromEntries(taken.map((setting) => [setting, null])),
    ...Object.fromEntries(given),
  };
  try {
    parseAutoscalerChanges(changes);
  } catch (error) {
    throw error instanceof InvalidError ? new UsageError(error.message) : error;
  }
  return changes;
}

function resetOf(reset: ScaleOptions["reset"]): (keyof AutoscalerChanges)[] {
  if (reset === undefined) return [];
  if (reset === "all") return Object.values(SETTING_OF_FLAG);
  return reset.map((name) => {
    const found = Object.entries(SETTING_OF_FLAG).find(([flag, setting]) => flag === name || setting === name);
    if (found) return found[1];
    throw new UsageError(
      `--reset ${name}: there is no such setting; write ${listNames(Object.keys(SETTING_OF_FLAG))}, several with commas, or all`,
    );
  });
}

interface Row extends EffectiveSetting {
  setting: AutoscalerSetting;
}

/** What a person reads: settings under the names that they have in code, where each comes from, who set it and when. */
export function scaleTable(settings: EffectiveSettings, nowMs: number): string {
  const columns: Column<Row>[] = [
    { title: "setting", text: ({ setting }) => setting.replace(/Ms$/, "") },
    { title: "value", text: valueText, align: "right" },
    { title: "from", text: ({ layer }) => layer },
    { title: "set by", text: ({ setBy }) => setBy ?? "" },
    { title: "when", text: ({ atMs }) => (atMs === null ? "" : ago(atMs, nowMs)) },
  ];
  return table(
    AUTOSCALER_SETTINGS.map((setting) => ({ setting, ...settings[setting] })),
    columns,
  );
}

function valueText({ setting, value }: Row): string {
  if (!setting.endsWith("Ms")) return value.toLocaleString("en");
  return value === 0 ? "0s" : formatDuration(value);
}
