/**
 * Signing in and out. A one-time code is spent by POST only: whatever follows links on its own (previews, prefetch)
 * cannot use it up.
 */
import type { AppRouter } from "@bellows/orchestrator/app-router";
import { createTRPCClient, httpLink } from "@trpc/client";
import { cookies } from "next/headers";
import type { NextRequest } from "next/server";
import { z } from "zod";
import { apiErrorData } from "../../../lib/api-error.ts";
import { awayResponse, crossOriginResponse, errorResponse, orchestratorUrl } from "../../../lib/orchestrator.ts";
import { isSameOrigin } from "../../../lib/same-origin.ts";
import { sessionCookie, sessionCookieName } from "../../../lib/session-cookie.ts";

const signInBody = z.object({ code: z.string().min(1) });

export async function POST(request: NextRequest): Promise<Response> {
  if (!isSameOrigin(request.headers)) return crossOriginResponse();
  const body = signInBody.safeParse(await request.json().catch(() => undefined));
  if (!body.success) return errorResponse(400, { code: "INVALID", message: "the request has no sign-in code" });
  try {
    const session = await orchestrator(undefined).auth.exchangeCode.mutate({ code: body.data.code });
    (await cookies()).set(sessionCookie(request, session.token, session.expiresAtMs));
    return new Response(null, { status: 204 });
  } catch (thrown) {
    const error = apiErrorData(thrown);
    return error.code === "CONNECTION" ? awayResponse() : errorResponse(401, error);
  }
}

/** The token is withdrawn where that can be reached; the browser forgets it in any case. */
export async function DELETE(request: NextRequest): Promise<Response> {
  if (!isSameOrigin(request.headers)) return crossOriginResponse();
  const jar = await cookies();
  const name = sessionCookieName(request.headers.get("host"));
  const token = jar.get(name)?.value;
  jar.delete(name);
  if (token !== undefined) {
    try {
      await orchestrator(token).auth.signOut.mutate();
    } catch (thrown) {
      const error = apiErrorData(thrown);
      if (error.code !== "AUTH" && error.code !== "CONNECTION") return errorResponse(500, error);
    }
  }
  return new Response(null, { status: 204 });
}

function orchestrator(token: string | undefined) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${orchestratorUrl()}/trpc`, headers })] });
}
