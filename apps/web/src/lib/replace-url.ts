/**
 * Changes the address of the page that is shown, at once and without asking the server: a filter chosen right after
 * another must find the first one in the address already. Next keeps `useSearchParams` in step with the history.
 */
export function replaceUrl(path: string): void {
  window.history.replaceState(null, "", path);
}

/** The query as it is at this moment, which may be newer than what was last drawn. */
export function currentQuery(): URLSearchParams {
  return new URLSearchParams(window.location.search);
}
