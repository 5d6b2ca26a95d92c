/** The function of a name, of a stopped app too: its calls and lines are kept. */
import { LIMITS } from "@bellows/protocol/limits";
import { firstItems } from "./pages.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

/** The two names in `app/function`. @throws UsageError */
export function appAndFunction(text: string): { app: string; name: string } {
  const [app, name, ...rest] = text.split("/");
  if (app && name && rest.length === 0) return { app, name };
  throw new UsageError(`"${text}" names no function; write APP/FUNCTION`);
}

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
