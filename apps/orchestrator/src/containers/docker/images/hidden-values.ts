/**
 * What a build may use and its log must not show: the tokens and passwords of this host's npm settings, and those in the
 * addresses of its registries and proxies. Whoever may look at a build reads its log. Pure.
 */

/** Shorter ones would blot out words. */
const MIN_CHARS = 6;
const OF_NPM = /(?:_authToken|_auth|_password)\s*=\s*"?([^\s"]+)/g;
/** `https://name:password@host`; a name alone is a token, too. */
const IN_ADDRESS = /:\/\/(?:[^\s:/@]+:)?([^\s:/@]+)@/g;

/** A function that puts `***` in the place of each of them. */
export function hidingValuesOf(texts: readonly string[]): (line: string) => string {
  const values = texts.flatMap((text) =>
    [OF_NPM, IN_ADDRESS].flatMap((pattern) => Array.from(text.matchAll(pattern), ([, value = ""]) => value)),
  );
  const hidden = [...new Set(values)].filter((value) => value.length >= MIN_CHARS);
  hidden.sort((a, b) => b.length - a.length);
  return (line) => hidden.reduce((shown, value) => shown.replaceAll(value, "***"), line);
}
