/** Which Node can run Bellows. Plain syntax only: an old Node has to parse this file to be told that it is old. */

const OLDEST = { major: 20, minor: 19 };

/** The sentence for a Node that is too old, or undefined. @param {string} version as in `process.versions.node` */
export function nodeVersionProblem(version) {
  const parts = version.split(".").map(Number);
  const major = parts[0] || 0;
  const minor = parts[1] || 0;
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined;
  return `Bellows needs Node ${OLDEST.major}.${OLDEST.minor} or newer, and this is Node ${version}; install a newer one from https://nodejs.org`;
}
