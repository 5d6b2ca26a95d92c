/**
 * What ends a command badly: as text for a person, as data for a program, as an exit code. An error of the platform is
 * one sentence; an error of the user's code comes with its place in the user's files.
 */
import { type BellowsError, errorData } from "@bellows/protocol/errors";
import pc from "picocolors";
import { Interrupted } from "./interrupts.ts";
import { frameLines, tracebackLines, userFrames } from "./stack-frames.ts";
import { bellowsErrorIn } from "./thrown.ts";
import { UsageError } from "./usage-error.ts";

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}

/** One JSON document; stacks only when asked for. */
export function failureJson(thrown: unknown, { verbose }: Pick<FailureStyle, "verbose">): string {
  if (thrown instanceof UsageError) return JSON.stringify({ error: { code: "USAGE", message: thrown.message } });
  const data = { ...errorData(thrown), ...codeOf(thrown) };
  return JSON.stringify({ error: data }, (key, value: unknown) => (key === "stack" && !verbose ? undefined : value));
}

function codeOf(thrown: unknown): Partial<Pick<BellowsError, "code" | "details">> {
  const known = bellowsErrorIn(thrown);
  return known ? { code: known.code, details: known.details } : {};
}

export interface FailureStyle {
  cwd: string;
  /** Whole stacks. */
  verbose: boolean;
}

export function failureText(thrown: unknown, style: FailureStyle): string {
  return describe(thrown, style, "error").join("\n");
}

const MAX_CAUSES = 4;

function describe(thrown: unknown, style: FailureStyle, label: string, depth = 0): string[] {
  const lines = [`${pc.red(`${label}:`)} ${headline(thrown)}`, ...notes(thrown).map((note) => pc.dim(`  ${note}`))];
  if (!(thrown instanceof Error)) return lines;
  if (!(thrown instanceof UsageError || thrown instanceof Interrupted)) lines.push(...placeLines(thrown, style));
  const cause = newsIn(thrown, style);
  if (cause !== undefined && depth < MAX_CAUSES) lines.push(...describe(cause, style, "caused by", depth + 1));
  return lines;
}

/** The nearest cause that says more than the error did: a wrapper that repeats what it wraps, place and all, is passed over. */
function newsIn(error: Error, style: FailureStyle): unknown {
  if (error.cause === undefined || !showsCause(error, style)) return undefined;
  const { cause } = error;
  if (!(cause instanceof Error) || style.verbose) return cause;
  const isRepeated =
    error.message.includes(cause.message) && placeLines(error, style).join() === placeLines(cause, style).join();
  return isRepeated ? newsIn(cause, style) : cause;
}

function headline(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `${String(thrown)} (thrown, and not an Error)`;
  const ours = thrown instanceof UsageError || thrown instanceof Interrupted;
  const ofPlatform = ours || (bellowsErrorIn(thrown) && !isRemote(thrown));
  return ofPlatform || thrown.name === "" ? thrown.message : `${thrown.name}: ${thrown.message}`;
}

/** Where a failed input ran, and how often it was tried. */
function notes(thrown: unknown): string[] {
  const { attempts, inputId, containerId } = bellowsErrorIn(thrown)?.details ?? {};
  const parts = [
    inputId && `input ${inputId}`,
    containerId && `container ${containerId}`,
    typeof attempts === "number" && attempts > 1 && `${attempts} attempts`,
  ].filter((part) => typeof part === "string");
  return parts.length > 0 ? [parts.join(", ")] : [];
}

function placeLines(error: Error, { cwd, verbose }: FailureStyle): string[] {
  if (!error.stack) return [];
  const traceback = tracebackLines(error.stack);
  if (traceback.length > 0) return traceback;
  if (verbose) return error.stack.split("\n").filter((line) => /^\s*at /.test(line));
  return frameLines(userFrames(error.stack), cwd);
}

/** The cause of an error of the platform is for those who look for a defect in it, unless it is the user's own code. */
function showsCause(error: Error, { verbose }: FailureStyle): boolean {
  const known: Pick<BellowsError, "code"> | undefined = bellowsErrorIn(error);
  return verbose || known === undefined || known.code === "REMOTE" || known.code === "STARTUP";
}

function isRemote(error: unknown): boolean {
  return bellowsErrorIn(error)?.code === "REMOTE";
}
