/** `bellows logs`: what containers said; with `-f` what they say from now on too, until Ctrl-C or the end of the call. */
import { ConnectionError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { isFinishedCall } from "@bellows/protocol/states";
import type { LogLineView } from "@bellows/protocol/views";
import type { Command } from "commander";
import pc from "picocolors";
import { callIdOf } from "../call-id.ts";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { datedLogLine } from "../log-printer.ts";
import { functionIdNamed } from "../named-function.ts";
import { jsonText } from "../output.ts";
import { appIdNamed, type CommonOptions, openSession, type Session } from "../session.ts";
import { UsageError } from "../usage-error.ts";

const POLL_MS = 400;

interface LogOptions extends CommonOptions {
  call?: string;
  follow?: boolean;
  limit: number;
}

export function addLogs(program: Command): void {
  withCommonOptions(program.command("logs"))
    .description("log lines of an app, a function or a call")
    .argument("[app[/function]]")
    .option("--call <id>", "of this call only")
    .option("-f, --follow", "go on with new lines; ends with the call if one is named")
    .addOption(limitOption())
    .action(logs);
}

async function logs(of: string | undefined, options: LogOptions): Promise<void> {
  const query = queryOf(of, options);
  const session = await openSession(options);
  const filter = await filterOf(query, session);
  const last = printLines(await newest(session, filter, options.limit), options);
  if (options.follow) return follow(session, filter, last, options);
  if (last === undefined) console.error(pc.dim("no log lines; they are what functions write to stdout and stderr"));
}

async function follow(session: Session, filter: Filter, from: string | undefined, options: LogOptions): Promise<void> {
  let after = from;
  for (let isAway = false; ; ) {
    try {
      // Asked before the lines are: what a finished call said last is then among them.
      const isLast = await isOver(session, filter.callId);
      after = (await printRest(session, filter, after, options)) ?? after;
      if (isLast) return;
      isAway = false;
    } catch (error) {
      // A restart of the orchestrator loses no line, so it ends nothing here.
      if (!(error instanceof ConnectionError)) throw error;
      if (!isAway) console.error(pc.yellow(`${error.message}; waiting for it`));
      isAway = true;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What was asked for, by name. */
interface LogQuery {
  app: string | undefined;
  function: string | undefined;
  /** An id, or its begin or end. */
  call: string | undefined;
}

/** @throws UsageError */
function queryOf(of: string | undefined, { call }: LogOptions): LogQuery {
  const [app, name, ...rest] = of?.split("/") ?? [];
  if (app === "" || name === "" || rest.length > 0)
    throw new UsageError(`"${of}" names neither an app nor a function; write APP or APP/FUNCTION`);
  return { app, function: name, call };
}

interface Filter {
  environment: string;
  appId?: string;
  functionId?: string;
  callId?: string;
}

async function filterOf(query: LogQuery, session: Session): Promise<Filter> {
  const { environment } = session;
  const filter = { environment, ...(query.call === undefined ? {} : { callId: await callIdOf(session, query.call) }) };
  if (query.app === undefined) return filter;
  const appId = await appIdNamed(session, query.app);
  if (query.function === undefined) return { ...filter, appId };
  return { ...filter, functionId: await functionIdNamed(session, { appId, app: query.app, name: query.function }) };
}

/** The newest lines, oldest first. */
async function newest(session: Session, filter: Filter, limit: number): Promise<LogLineView[]> {
  let lines: LogLineView[] = [];
  while (lines.length < limit) {
    const before = lines[0] ? { before: lines[0].id } : {};
    const count = Math.min(limit - lines.length, LIMITS.pageRows);
    const page = await session.request((api) => api.logs.list.query({ ...filter, ...before, limit: count }));
    lines = [...page.items, ...lines];
    if (page.items.length < count) break;
  }
  return lines;
}

/** Every line after that one. Returns the id of the last. */
async function printRest(
  session: Session,
  filter: Filter,
  after: string | undefined,
  options: LogOptions,
): Promise<string | undefined> {
  for (let last = after; ; ) {
    const from = last === undefined ? {} : { after: last };
    const page = await session.request((api) => api.logs.list.query({ ...filter, ...from, limit: LIMITS.pageRows }));
    last = printLines(page.items, options) ?? last;
    if (page.items.length < LIMITS.pageRows || from.after === undefined) return last;
  }
}

function printLines(lines: readonly LogLineView[], { json }: LogOptions): string | undefined {
  for (const line of lines) console.log(json ? jsonText(line) : datedLogLine(line));
  return lines.at(-1)?.id;
}

async function isOver(session: Session, callId: string | undefined): Promise<boolean> {
  if (callId === undefined) return false;
  const { state } = await session.request((api) => api.calls.get.query({ id: callId }));
  return isFinishedCall(state);
}
