/** The time in milliseconds since 1970, which never goes back: an adjusted clock must not time inputs out. */
export function nowMs(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
