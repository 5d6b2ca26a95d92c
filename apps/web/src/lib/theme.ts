/** The reader's choice of theme. It is a cookie so that the server can render the right one at once; none means the system's. */

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_COOKIE = "bellows-theme";
const YEAR_SECONDS = 31_536_000;

export function parseTheme(text: string | undefined): Theme {
  return THEMES.find((theme) => theme === text) ?? "system";
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}

/** The text for `document.cookie`. */
export function themeCookie(theme: Theme): string {
  const age = theme === "system" ? 0 : YEAR_SECONDS;
  return `${THEME_COOKIE}=${theme}; Path=/; Max-Age=${age}; SameSite=Lax`;
}
