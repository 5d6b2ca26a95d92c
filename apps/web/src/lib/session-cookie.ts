/**
 * The cookie that holds the API token. Scripts cannot read it (httpOnly), other sites cannot send it (SameSite).
 * Browsers keep cookies per host and ignore the port, so the name carries the port: two consoles on one machine stay
 * apart. The port is the one that the browser sees.
 */

export function sessionCookieName(host: string | null): string {
  const port = /:(\d+)$/.exec(host ?? "")?.[1];
  return port === undefined ? "bellows-session" : `bellows-session-${port}`;
}

export interface SessionCookie {
  name: string;
  value: string;
  path: "/";
  httpOnly: true;
  sameSite: "lax";
  secure: boolean;
  expires: Date;
}

export function sessionCookie(request: Request, token: string, expiresAtMs: number): SessionCookie {
  return {
    name: sessionCookieName(request.headers.get("host")),
    value: token,
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: isHttps(request),
    expires: new Date(expiresAtMs),
  };
}

/** Behind a proxy that ends TLS the request itself is plain. */
function isHttps(request: Request): boolean {
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.replace(":", "")) === "https";
}
