/** Compile errors as one InvalidError a person can act on: where (file:line:column), what, the line itself, what to do. */
import { isAbsolute, relative, resolve } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";
import type { Message } from "esbuild";

const SHOWN = 5;

/** `cwd` is what the shown paths are relative to; `workingDir` is what the compiler's are. */
export function compileError(messages: readonly Message[], places: { cwd: string; workingDir: string }): InvalidError {
  const shown = messages.slice(0, SHOWN).map((message) => describe(message, places));
  const rest = messages.length - shown.length;
  if (rest > 0) shown.push(`and ${rest} more`);
  return new InvalidError(shown.join("\n\n"));
}

function describe({ text, location }: Message, places: { cwd: string; workingDir: string }): string {
  const what = text + adviceFor(text);
  if (!location) return what;
  const { line, column, lineText, length } = location;
  const absolute = isAbsolute(location.file) ? location.file : resolve(places.workingDir, location.file);
  const file = relative(places.cwd, absolute);
  const gutter = `  ${line} | `;
  const marker =
    " ".repeat(gutter.length + column) + "~".repeat(Math.max(1, Math.min(length, lineText.length - column)));
  return `${file}:${line}:${column + 1}: ${what}\n${gutter}${lineText}\n${marker}`;
}

const LEGACY_DECORATORS =
  '; remove "experimentalDecorators" from the tsconfig.json of this code: Bellows uses standard decorators';

function adviceFor(text: string): string {
  if (text.includes("TypeScript experimental decorators")) return LEGACY_DECORATORS;
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (!missing) return "";
  if (/^[./]/.test(missing)) return "; there is no such file, check the path";
  const name = missing.split("/", missing.startsWith("@") ? 2 : 1).join("/");
  return `; if it is a package, run \`npm install ${name}\``;
}
