/** A deployed function in a test's database: what facts refer to. */
import type { Database } from "@bellows/db/client";
import { apps } from "@bellows/db/schema/apps";
import { bundles } from "@bellows/db/schema/bundles";
import { deployments } from "@bellows/db/schema/deployments";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";

export interface TestFunction {
  functionId: string;
  appId: string;
  environmentId: string;
  deploymentId: string;
}

export async function insertTestFunction({ db }: Database): Promise<TestFunction> {
  const [functionId, appId, environmentId, deploymentId] = [newId(), newId(), newId(), newId()];
  const createdAtMs = Date.now();
  await db.insert(environments).values({ id: environmentId, name: environmentId, createdAtMs });
  await db
    .insert(bundles)
    .values({ hash: "0".repeat(64), content: new Uint8Array(), createdAtMs })
    .onConflictDoNothing();
  await db.insert(apps).values({
    id: appId,
    environmentId,
    name: "pages",
    state: "deployed",
    version: 1,
    createdAtMs,
    deployedAtMs: createdAtMs,
  });
  await db.insert(deployments).values({ id: deploymentId, appId, version: 1, bundleHash: "0".repeat(64), createdAtMs });
  await db
    .insert(functions)
    .values({ id: functionId, appId, name: "ocr", deploymentId, settings: parseFunctionOptions(), createdAtMs });
  return { functionId, appId, environmentId, deploymentId };
}
