/** What is printed when everything is up: where it is, how to get in, and what this machine had to do without. */

/**
 * @param {object} ready
 * @param {string} ready.apiUrl
 * @param {string | undefined} ready.signInUrl undefined: the console was left out
 * @param {string} ready.stateDir as it is shown
 * @param {string[]} ready.deployed the examples that were deployed just now
 * @param {{ name: string, reason: string }} ready.driver
 */
export function readyText({ apiUrl, signInUrl, stateDir, deployed, driver }) {
  const rows = [
    ...(signInUrl
      ? [
          // The same host name as in the link: the session is a cookie of that host.
          ["Console", new URL(signInUrl).origin],
          ["Sign in", `${signInUrl}   (good once, for 15 minutes)`],
        ]
      : []),
    ["API", `${apiUrl}   (credentials in ${stateDir}/credentials.json)`],
    ["Logs", `${stateDir}/logs`],
    ["Containers", `${driver.name}: ${driver.reason}`],
    ...(driver.name === "process"
      ? [
          [
            "Left out",
            "isolation: functions run as child processes of this user and see this machine's files and network",
          ],
        ]
      : []),
    ...(signInUrl ? [] : [["Left out", "the console"]]),
    ...(deployed.length > 0 ? [["Deployed", deployed.join(", ")]] : []),
    ["Try", "npx bellows run examples/ocr/ocr.ts"],
  ];
  const lines = rows.map(([name = "", value = ""]) => `  ${name.padEnd(12)}${value}`);
  return ["ready", "", ...lines, "", "Ctrl-C stops everything; the data stays."].join("\n");
}
