/** `bellows deploy FILE`: an app that stays. */
import type { Command } from "commander";
import pc from "picocolors";
import { withCommonOptions } from "../common-options.ts";
import { deployApp, type LoadedApp, loadApp } from "../deployment.ts";
import { fileTarget } from "../file-target.ts";
import { printJson } from "../output.ts";
import { type CommonOptions, openSession } from "../session.ts";
import { UsageError } from "../usage-error.ts";

export function addDeploy(program: Command): void {
  withCommonOptions(program.command("deploy"))
    .description("deploy the app that a file exports; its functions can then be called from anywhere")
    .argument("<file>", "the file that exports the app")
    .action(deploy);
}

async function deploy(text: string, options: CommonOptions): Promise<void> {
  const target = fileTarget(text, process.cwd());
  if (target.functionName !== undefined)
    throw new UsageError(`an app is deployed as a whole; write \`bellows deploy ${target.shown}\``);
  const app = await loadApp(target, process.cwd());
  const session = await openSession(options);
  const deployment = await deployApp(app, session, { ephemeral: false });
  if (options.json) return printJson({ ...deployment, packages: app.built.bundle.packages });
  const count = deployment.functions.length;
  console.log(
    `deployed ${pc.bold(deployment.appName)} version ${deployment.version}, ${count} ${count === 1 ? "function" : "functions"}`,
  );
  for (const { name, settings } of app.functions) {
    for (const called of namesToCall(name, settings)) console.log(`  ${deployment.appName} ${called}`);
  }
  for (const { name, version, reason } of app.built.externalPackages) {
    console.log(pc.dim(`  ${name}@${version} is installed beside the code: ${reason}`));
  }
}

/** As `bellows call` takes them. */
function namesToCall(name: string, { kind, methods }: LoadedApp["functions"][number]["settings"]): string[] {
  return kind === "class" ? methods.map((method) => `${name}.${method}`) : [name];
}
