/**
 * The API, passed through: same paths, same bodies, with the token from the cookie. Nothing is decided here but
 * whether a change was asked for by a page of this console.
 */
import type { NextRequest } from "next/server";
import { awayResponse, crossOriginResponse, errorResponse, orchestratorUrl } from "../../../../lib/orchestrator.ts";
import { doors } from "../../../../lib/paths.ts";
import { isSameOrigin } from "../../../../lib/same-origin.ts";
import { sessionCookieName } from "../../../../lib/session-cookie.ts";

/** Longer than the longest wait the API offers (a minute, for a result). */
const TIMEOUT_MS = 75_000;
const PASSED_BACK = ["content-type", "retry-after", "vary"];

export function GET(request: NextRequest): Promise<Response> {
  return passOn(request, null);
}

export async function POST(request: NextRequest): Promise<Response> {
  if (!isSameOrigin(request.headers)) return crossOriginResponse();
  return passOn(request, await request.arrayBuffer());
}

async function passOn(request: NextRequest, body: ArrayBuffer | null): Promise<Response> {
  const token = request.cookies.get(sessionCookieName(request.headers.get("host")))?.value;
  if (token === undefined) return errorResponse(401, { code: "AUTH", message: "you are not signed in" });
  const path = request.nextUrl.pathname.slice(doors.trpc.length);
  let answer: Response;
  try {
    answer = await fetch(`${orchestratorUrl()}/trpc${path}${request.nextUrl.search}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === null ? {} : { "content-type": request.headers.get("content-type") ?? "application/json" }),
      },
      body,
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      cache: "no-store",
    });
  } catch {
    return awayResponse();
  }
  const headers = new Headers({ "cache-control": "no-store" });
  for (const name of PASSED_BACK) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}
