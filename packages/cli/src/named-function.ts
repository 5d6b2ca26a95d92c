/** The id of the function of a name, of a stopped app too: its calls and lines are kept. */
import { LIMITS } from "@bellows/protocol/limits";
import { firstItems } from "./pages.ts";
import type { Session } from "./session.ts";

/** Of one app: what a deploy takes. */
const MAX_FUNCTIONS = 1_000;

/** @throws NotFoundError naming the functions there are. */
export async function functionIdNamed(
  { request, environment }: Session,
  { appId, app, name }: { appId: string; app: string; name: string },
): Promise<string> {
  const functions = await firstItems(MAX_FUNCTIONS, LIMITS.pageRows, (page) =>
    request((api) => api.functions.list.query({ appId, ...page })),
  );
  const found = functions.find((item) => item.name === name);
  return (found ?? (await request((api) => api.functions.get.query({ app, name, environment })))).id;
}
