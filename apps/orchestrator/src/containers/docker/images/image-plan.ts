/**
 * An image as a chain: each part is named by the hash of the one below it and of what is done to that, so whatever part
 * the engine has already is where a build begins. Pure.
 */
import { createHash } from "node:crypto";
import { type ImageDefinition, type ImageStep, npmPackagesOf, stepText } from "@bellows/protocol/image";
import { stableJson } from "@bellows/protocol/stable-json";

const REPOSITORY = "bellows/image";

export interface PlannedStep {
  step: ImageStep;
  /** Of the image that it makes. */
  name: string;
  /** "step 2 of 3: aptInstall("ffmpeg")". */
  title: string;
  /** That the steps before it have set. */
  variables: Record<string, string>;
  /** All npm packages so far, its own included. */
  npmPackages: Record<string, string>;
}

export interface ImagePlan {
  steps: PlannedStep[];
  /** The last image of the chain; the base itself when no step changes it. */
  name: string;
}

/**
 * `base` is the name of the image below, `baseId` what it consists of. The packages of the code are the last step, so
 * that they are all that is made anew when only they change.
 */
export function planImage(
  { base, baseId }: { base: string; baseId: string },
  definition: ImageDefinition,
  codePackages: Readonly<Record<string, string>>,
): ImagePlan {
  const all = [...definition.steps, ...stepOfPackages(codePackages)];
  // Variables change no file: they are given to each container.
  const making = all.filter((step) => step.type !== "env");
  const steps: PlannedStep[] = [];
  let below = baseId;
  let variables: Record<string, string> = {};
  let done: ImageStep[] = [];
  for (const step of all) {
    done = [...done, step];
    if (step.type === "env") {
      variables = { ...variables, ...step.variables };
      continue;
    }
    below = hashOf([below, step, variables]);
    const npmPackages = npmPackagesOf({ ...definition, steps: done });
    const title = `step ${steps.length + 1} of ${making.length}: ${stepText(step)}`;
    steps.push({ step, name: `${REPOSITORY}:${below}`, title, variables, npmPackages });
  }
  return { steps, name: steps.at(-1)?.name ?? base };
}

function stepOfPackages(packages: Readonly<Record<string, string>>): ImageStep[] {
  const list = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  return list.length === 0 ? [] : [{ type: "npm", packages: list.map(([name, version]) => `${name}@${version}`) }];
}

function hashOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(stableJson(parts)).digest("hex").slice(0, 24);
}
