/** One place where "Postgres cannot be reached" becomes one sentence that says where, why and what to do. */
import { AuthError, type BellowsError, ConnectionError, NotFoundError } from "@bellows/protocol/errors";
import pg from "pg";

/** SQLSTATEs, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INVALID_PASSWORD = "28P01";
const INVALID_AUTHORIZATION = "28000";
const NO_SUCH_DATABASE = "3D000";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A session of its own. Its loss shows as the rejection of the query in hand and as `end`.
 * @throws ConnectionError, AuthError or NotFoundError, each in one sentence.
 */
export async function connect(url: string, applicationName = "bellows"): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // Without a listener the loss of an idle session would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw unavailable(error, url);
  }
}

function unavailable(error: unknown, url: string): BellowsError {
  const { host, user, database } = partsOf(url);
  const reason = error instanceof Error ? error.message || sqlStateOf(error) : String(error);
  const options = { cause: error };
  switch (sqlStateOf(error)) {
    case INVALID_PASSWORD:
    case INVALID_AUTHORIZATION:
      return new AuthError(
        `Postgres at ${host} refuses the user "${user}" (${reason}); correct BELLOWS_DATABASE_URL`,
        options,
      );
    case NO_SUCH_DATABASE:
      return new NotFoundError(
        `Postgres at ${host} has no database "${database}"; create it or correct BELLOWS_DATABASE_URL`,
        options,
      );
    default:
      return new ConnectionError(
        `Postgres at ${host} does not answer (${reason}); start it or correct BELLOWS_DATABASE_URL`,
        options,
      );
  }
}

/** The five characters of a Postgres error, or the code of a system error such as ECONNREFUSED. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function partsOf(url: string): { host: string; user: string; database: string } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return {
    host: parsed?.host || parsed?.searchParams.get("host") || "the given URL",
    user: decodeURIComponent(parsed?.username ?? ""),
    database: decodeURIComponent(parsed?.pathname.slice(1) ?? ""),
  };
}
