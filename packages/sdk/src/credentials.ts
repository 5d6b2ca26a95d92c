/**
 * Where a program finds its orchestrator: what it was given, then BELLOWS_URL and BELLOWS_TOKEN, then
 * `credentials.json` in BELLOWS_STATE_DIR, or else in `.bellows` here, in a folder above, or in the home folder. A token is never sent to a URL that
 * it was not found with.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { AuthError, InvalidError } from "@bellows/protocol/errors";
import * as z from "zod/mini";

const credentialsSchema = z.object({ url: z.string(), token: z.string().check(z.minLength(1)) });
export type Credentials = z.infer<typeof credentialsSchema>;

/** Where to look; the process's own by default. */
export interface CredentialsPlaces {
  env: Record<string, string | undefined>;
  cwd: string;
  home: string;
}

/** @throws AuthError when something is missing, saying what to do; InvalidError for what is not a URL. */
export async function findCredentials(
  given: { url?: string; token?: string } = {},
  places: CredentialsPlaces = { env: process.env, cwd: process.cwd(), home: homedir() },
): Promise<Credentials> {
  const { env } = places;
  const url = given.url ?? env.BELLOWS_URL;
  const token =
    given.token ?? (given.url === undefined || sameUrl(given.url, env.BELLOWS_URL) ? env.BELLOWS_TOKEN : undefined);
  if (url && token) return { url: checkedUrl(url), token };
  const found = await credentialsFile(places);
  if (url) {
    if (found && sameUrl(url, found.url)) return { url: checkedUrl(url), token: found.token };
    throw new AuthError(`there is no token for ${url}; set BELLOWS_TOKEN, or pass \`token\``);
  }
  if (!found) {
    throw new AuthError(
      token
        ? "there is a token but no URL; set BELLOWS_URL, or pass `url`"
        : "no orchestrator is known here; run `npm start` in the folder of Bellows, which writes .bellows/credentials.json, " +
            "and call from that folder or one below it, or set BELLOWS_URL and BELLOWS_TOKEN",
    );
  }
  return { url: checkedUrl(found.url), token: token ?? found.token };
}

async function credentialsFile({ env, cwd, home }: CredentialsPlaces): Promise<Credentials | undefined> {
  const usual = [...foldersUp(cwd), home].map((folder) => join(folder, ".bellows"));
  for (const folder of env.BELLOWS_STATE_DIR ? [resolve(cwd, env.BELLOWS_STATE_DIR)] : usual) {
    const path = join(folder, "credentials.json");
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw new AuthError(`${path} cannot be read (${error.message}); make it readable for this user`, {
        cause: error,
      });
    });
    if (text !== undefined) return parsedFile(path, text);
  }
  return undefined;
}

function parsedFile(path: string, text: string): Credentials {
  try {
    return credentialsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AuthError(`${path} does not hold { "url", "token" }; start the orchestrator again, which writes it`, {
      cause,
    });
  }
}

function* foldersUp(folder: string): Iterable<string> {
  yield folder;
  const above = dirname(folder);
  if (above !== folder) yield* foldersUp(above);
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InvalidError(`${JSON.stringify(text)} is not the URL of an orchestrator; write "http://host:4000"`);
  }
  return url.href.replace(/\/+$/, "");
}

function sameUrl(a: string, b: string | undefined): boolean {
  return b !== undefined && a.replace(/\/+$/, "") === b.replace(/\/+$/, "");
}
