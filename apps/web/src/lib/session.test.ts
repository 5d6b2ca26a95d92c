import { expect, test } from "vitest";
import { isSameOrigin } from "./same-origin.ts";
import { sessionCookie, sessionCookieName } from "./session-cookie.ts";

test("two consoles on one host have two cookies", () => {
  expect(sessionCookieName("localhost:3000")).not.toBe(sessionCookieName("localhost:3001"));
  expect(sessionCookieName("[::1]:3000")).toBe("bellows-session-3000");
  expect(sessionCookieName("bellows.example.com")).toBe("bellows-session");
  expect(sessionCookieName(null)).toBe("bellows-session");
});

test("the cookie is kept from scripts and other sites, and from plain HTTP where the browser came by TLS", () => {
  const plain = new Request("http://localhost:3000/api/session", { headers: { host: "localhost:3000" } });
  expect(sessionCookie(plain, "token", 5)).toMatchObject({ httpOnly: true, sameSite: "lax", secure: false });
  const proxied = new Request("http://console:3000/", { headers: { "x-forwarded-proto": "https, http" } });
  expect(sessionCookie(proxied, "token", 5).secure).toBe(true);
});

test.each([
  [{ "sec-fetch-site": "same-origin" }, true],
  [{ "sec-fetch-site": "same-site" }, false],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ "sec-fetch-site": "none" }, false],
  [{ origin: "http://localhost:3000", host: "localhost:3000" }, true],
  [{ origin: "http://localhost:5000", host: "localhost:3000" }, false],
  [{ origin: "null", host: "localhost:3000" }, false],
  [{ host: "localhost:3000" }, true],
])("a change asked for with %j is allowed: %s", (headers, allowed) => {
  expect(isSameOrigin(new Headers(headers))).toBe(allowed);
});
