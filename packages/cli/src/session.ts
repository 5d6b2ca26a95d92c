/** What a command needs to talk to the orchestrator, found once. */
import { createApiClient } from "@bellows/sdk/api-client";
import { type Credentials, findCredentials } from "@bellows/sdk/credentials";

/** Options that every command takes. */
export interface CommonOptions {
  env: string;
  json?: boolean;
  verbose?: boolean;
}

export interface Session {
  credentials: Credentials;
  environment: string;
  request: ReturnType<typeof createApiClient>["request"];
}

/** @throws AuthError when no orchestrator is known here. Nothing is connected yet. */
export async function openSession({ env }: Pick<CommonOptions, "env">): Promise<Session> {
  const credentials = await findCredentials();
  const { request } = createApiClient(credentials);
  return { credentials, environment: env, request };
}

/** The id of the app of this name. @throws NotFoundError */
export async function appIdNamed({ request, environment }: Session, name: string): Promise<string> {
  return (await request((api) => api.apps.get.query({ name, environment }))).id;
}
