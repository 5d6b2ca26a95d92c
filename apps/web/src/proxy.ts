/** Pages are for those who are signed in: without the cookie every one of them leads to the sign-in page and back. */
import type { NextRequest } from "next/server";
import { NextResponse } from "next/server";
import { paths } from "./lib/paths.ts";
import { sessionCookieName } from "./lib/session-cookie.ts";

export function proxy(request: NextRequest): NextResponse {
  if (request.cookies.has(sessionCookieName(request.headers.get("host")))) return NextResponse.next();
  const { pathname, search } = request.nextUrl;
  return NextResponse.redirect(new URL(paths.signIn(`${pathname}${search}`), request.nextUrl));
}

export const config = { matcher: ["/((?!api/|_next/|sign-in|icon).*)"] };
