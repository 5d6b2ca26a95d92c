import { containers } from "@bellows/db/schema/containers";
import { environments } from "@bellows/db/schema/environments";
import { logs } from "@bellows/db/schema/logs";
import { NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { beforeAll, expect, it } from "vitest";
import { ANYWHERE, addCall, deployTestApp, testStack } from "../testing-stack.ts";

const stack = await testStack();
const { db, verbs, now } = stack;
const page = { limit: 10 };

/** One of everything, in this environment: the ids by list. */
async function inhabit(environment: string, environmentId: string): Promise<Record<keyof typeof lists, string>> {
  const { appId, deploymentId, functions } = await deployTestApp(stack, "twin", { fn: {} }, { environment });
  const functionId = functions[0]?.id ?? "";
  const [containerId, lineId] = [newId(), newId()];
  await db.insert(containers).values({
    id: containerId,
    functionId,
    deploymentId,
    driver: "none",
    state: "ready",
    createdAtMs: now(),
  });
  const line = { functionId, containerId, atMs: now(), stream: "stdout", text: environment } as const;
  await db.insert(logs).values({ id: lineId, ...line });
  const callId = await addCall(stack, { appId, functionId }, { environmentId });
  return { apps: appId, functions: functionId, calls: callId, containers: containerId, logs: lineId };
}

const lists = {
  apps: (environment?: string) => verbs.listApps({ environment, includeStopped: false }, page),
  functions: (environment?: string) => verbs.listFunctions({ environment }, page),
  calls: (environment?: string) => verbs.listCalls({ environment }, page, ANYWHERE),
  containers: (environment?: string) => verbs.listContainers({ environment, includeGone: false }, page),
  logs: (environment?: string) => verbs.listLogs({ environment, ...page }, ANYWHERE),
};
type ListName = keyof typeof lists;

async function idsOf(list: ListName, environment?: string): Promise<string[]> {
  const { items }: { items: { id: string }[] } = await lists[list](environment);
  return items.map(({ id }) => id);
}

let main: Record<ListName, string>;
let staging: Record<ListName, string>;

beforeAll(async () => {
  const stagingId = newId();
  await db.insert(environments).values({ id: stagingId, name: "staging", createdAtMs: now() });
  main = await inhabit("main", stack.environmentId);
  staging = await inhabit("staging", stagingId);
});

it.each<ListName>(["apps", "functions", "calls", "containers", "logs"])(
  "the list of %s is of one environment when one is named, and of all otherwise",
  async (list) => {
    expect(await idsOf(list, "main")).toEqual([main[list]]);
    expect(await idsOf(list, "staging")).toEqual([staging[list]]);
    expect((await idsOf(list)).toSorted()).toEqual([main[list], staging[list]].toSorted());
  },
);

it.each<ListName>(["apps", "functions", "calls", "containers", "logs"])(
  "the list of %s of an environment that does not exist is an error, not an empty list",
  async (list) => {
    const error = await lists[list]("stagin").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ message: 'there is no environment "stagin"; there is "main", "staging"' });
  },
);

it("an app that is looked for in an environment without any is not there, and what makes one is said", async () => {
  await db.insert(environments).values({ id: newId(), name: "empty", createdAtMs: now() });
  const error = await verbs.getApp({ name: "twin", environment: "empty" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error).toMatchObject({
    message: 'there is no app "twin" in environment "empty"; `bellows deploy FILE` makes one',
  });
});
