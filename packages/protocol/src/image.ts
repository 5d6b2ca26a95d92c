/**
 * What a container's file system is made of: a base and steps, in their order. Plain data: its hash names what is built
 * of it, so equal images are built once, whoever asks for them.
 */
import * as z from "zod/mini";
import { fields, show, text } from "./option-fields.ts";

/** The SHA-256 of a stored archive, in hex. Null until the CLI has stored what lies on the user's machine. */
const archive = z.nullable(z.string().check(z.regex(/^[0-9a-f]{64}$/)));
const names = (what: string) => z.array(text(what)).check(z.minLength(1, `name at least one ${what}`));

const target = text("a path").check(
  z.refine((path) => !path.split("/").includes(".."), {
    error: (issue) => `copy: ${show(issue.input)} leads out of its folder; name a place below it, or an absolute one`,
  }),
);

const base = z.discriminatedUnion("type", [
  /** This host's own Node, on Debian where a step needs a distribution. */
  fields({ type: z.literal("node") }, "the Node image"),
  fields({ type: z.literal("registry"), name: text("the name of an image") }, "an image of a registry"),
  /** `path` is shown to people; the archive is the folder that the Dockerfile lies in. */
  fields({ type: z.literal("dockerfile"), path: text("a path"), archive }, "a Dockerfile"),
]);

const step = z.discriminatedUnion("type", [
  fields({ type: z.literal("apt"), packages: names("Debian package") }, "aptInstall"),
  fields({ type: z.literal("npm"), packages: names("npm package") }, "npmInstall"),
  fields({ type: z.literal("pip"), packages: names("Python package") }, "pipInstall"),
  fields({ type: z.literal("run"), command: text("a command") }, "run"),
  fields({ type: z.literal("env"), variables: z.record(z.string(), z.string()) }, "env"),
  /** `from` is shown to people. `to` is absolute, or relative to the working directory of the code. */
  fields({ type: z.literal("copy"), from: text("a path"), to: target, archive }, "copy"),
]);

export const imageSchema = fields({ base, steps: z.array(step) }, "an image, such as Image.node()");
export type ImageDefinition = z.infer<typeof imageSchema>;
export type ImageBase = z.infer<typeof base>;
export type ImageStep = z.infer<typeof step>;

/** The default image. */
export const NODE_IMAGE: ImageDefinition = { base: { type: "node" }, steps: [] };

/** A step as its user wrote it, for messages. */
export function stepText(step: ImageStep): string {
  switch (step.type) {
    case "apt":
      return `aptInstall(${quoted(step.packages)})`;
    case "npm":
      return `npmInstall(${quoted(step.packages)})`;
    case "pip":
      return `pipInstall(${quoted(step.packages)})`;
    case "run":
      return `run(${JSON.stringify(step.command)})`;
    case "env":
      return `env(${Object.keys(step.variables).join(", ")})`;
    case "copy":
      return `copy(${quoted([step.from, step.to])})`;
    default:
      return step satisfies never;
  }
}

export function baseText(base: ImageBase): string {
  switch (base.type) {
    case "node":
      return "Image.node()";
    case "registry":
      return `Image.fromRegistry(${JSON.stringify(base.name)})`;
    case "dockerfile":
      return `Image.fromDockerfile(${JSON.stringify(base.path)})`;
    default:
      return base satisfies never;
  }
}

/**
 * The first part of an image that only a container engine can make, as its user wrote it: processes of a host share its
 * file system. Null for an image of packages, variables and files beside the code.
 */
export function partForEngine({ base, steps }: ImageDefinition): string | null {
  if (base.type !== "node") return baseText(base);
  const part = steps.find((step) => FOR_ENGINE[step.type] || (step.type === "copy" && step.to.startsWith("/")));
  return part === undefined ? null : stepText(part);
}

const FOR_ENGINE: Record<ImageStep["type"], boolean> = {
  apt: true,
  npm: false,
  pip: true,
  run: true,
  env: false,
  copy: false,
};

/** Whether nothing of it lies on its user's machine only. */
export function isStored({ base, steps }: ImageDefinition): boolean {
  return [base, ...steps].every((part) => !("archive" in part) || part.archive !== null);
}

/** The archives that an image is made of. */
export function archivesOf({ base, steps }: ImageDefinition): string[] {
  const all = [base, ...steps].map((part) => ("archive" in part ? part.archive : null));
  return all.filter((hash) => hash !== null);
}

/** The npm packages of an image: name to version or range. */
export function npmPackagesOf({ steps }: ImageDefinition): Record<string, string> {
  return Object.fromEntries(steps.flatMap((step) => (step.type === "npm" ? step.packages.map(nameAndVersion) : [])));
}

/** `sharp@0.34` is ["sharp", "0.34"], `@scope/name` is ["@scope/name", "latest"]. */
function nameAndVersion(written: string): [name: string, version: string] {
  const at = written.indexOf("@", 1);
  return at === -1 ? [written, "latest"] : [written.slice(0, at), written.slice(at + 1)];
}

/** The variables that an image sets; a later step wins. */
export function variablesOf({ steps }: ImageDefinition): Record<string, string> {
  return Object.assign({}, ...steps.map((step) => (step.type === "env" ? step.variables : {})));
}

function quoted(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(", ");
}
