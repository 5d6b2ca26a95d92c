/**
 * The control plane: typed procedures over HTTP. What the API answers as an error becomes the error class here, and
 * only here.
 */
import type { AppRouter } from "@bellows/orchestrator/app-router";
import type { BellowsError } from "@bellows/protocol/errors";
import { ConnectionError, errorDataSchema, errorFromData } from "@bellows/protocol/errors";
import type { TRPCClient } from "@trpc/client";
import { createTRPCClient, httpBatchLink, TRPCClientError } from "@trpc/client";
import type { Credentials } from "./credentials.ts";

export interface ApiClient {
  /**
   * Sends a request: `api.request((api) => api.calls.get.query({ id }))`.
   * @throws the BellowsError that the API answered with; ConnectionError when it did not answer.
   */
  request<T>(send: (api: TRPCClient<AppRouter>) => Promise<T>): Promise<T>;
}

export function createApiClient({ url, token }: Credentials): ApiClient {
  const client = createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${token}` } })],
  });
  return {
    async request(send) {
      try {
        return await send(client);
      } catch (thrown) {
        throw translated(thrown, url);
      }
    },
  };
}

function translated(thrown: unknown, url: string): BellowsError | unknown {
  if (!(thrown instanceof TRPCClientError)) return thrown;
  const data: unknown = thrown.data;
  const answered = errorDataSchema.safeParse(
    typeof data === "object" && data !== null && "bellows" in data ? data.bellows : undefined,
  );
  if (answered.success) return errorFromData(answered.data);
  const reason = thrown.cause?.cause instanceof Error ? thrown.cause.cause.message : thrown.message;
  return new ConnectionError(
    `the orchestrator at ${url} did not answer (${reason}); start it with \`npm start\`, or set BELLOWS_URL to where it runs`,
    { cause: thrown },
  );
}
