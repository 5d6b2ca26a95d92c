/**
 * Whether a request that changes something was made by a page of this console. SameSite is not enough: ports of one
 * host are one site, so any other program's page on localhost would pass. Browsers state where a request comes from
 * in `Sec-Fetch-Site`; those that do not send `Origin`. A program without either is not a browser and has no cookie
 * to abuse.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin");
  if (origin === null) return true;
  return URL.canParse(origin) && new URL(origin).host === headers.get("host");
}
