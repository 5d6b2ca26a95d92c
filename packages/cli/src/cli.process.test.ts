import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bellows, type Ended, startBellows } from "./testing/cli.ts";
import { temporaryDir } from "./testing/fixtures.ts";

const FAILED = 1;
const WRONG_USAGE = 2;
const SOME_ID = "01a209ff-0000-7000-8000-000000000000";
const NOWHERE = { BELLOWS_URL: "http://127.0.0.1:9", BELLOWS_TOKEN: "none" };

function expectSentence(ended: Ended, exitCode: number, text: string | RegExp): void {
  expect(ended).toMatchObject({ exitCode, stdout: "" });
  expect(ended.stderr).toMatch(text);
  expect(ended.stderr).not.toContain("node:internal");
}

test("help is a success and is printed on stdout", async () => {
  const ended = await bellows(["--help"]);
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  for (const word of ["run", "deploy", "call", "logs", "app", "function", "container", "limit", "sign-in"]) {
    expect(ended.stdout).toContain(`  ${word}`);
  }
});

test.each([
  { words: [], says: "Usage: bellows" },
  { words: ["fly"], says: "unknown command 'fly'" },
  { words: ["run"], says: "missing required argument 'file[::function]'" },
  { words: ["run", "greeting.ts", "--fast"], says: "unknown option '--fast'" },
  { words: ["run", "nowhere.ts"], says: "there is no file nowhere.ts" },
  { words: ["run", "."], says: ". is not a file" },
  { words: ["run", "greeting.ts::"], says: 'names no function after "::"; write greeting.ts::FUNCTION' },
  { words: ["run", "greeting.ts::gret"], says: 'app "greeting" has no function "gret"; it has "greet"' },
  {
    words: ["run", "greeting.ts"],
    says: /has no entrypoint; add `app\.entrypoint.*name a function: greeting\.ts::greet/,
  },
  { words: ["deploy", "nowhere.ts"], says: "there is no file nowhere.ts" },
  {
    words: ["deploy", "greeting.ts::greet"],
    says: "an app is deployed as a whole; write `bellows deploy greeting.ts`",
  },
  { words: ["call", "pages"], says: "missing required argument 'function'" },
  { words: ["call", "pages", "ocr", "--args", "{a:1}"], says: "--args is not JSON" },
  { words: ["call", "pages", "ocr", "--args", '"a"'], says: `--args '["a"]'` },
  {
    words: ["call", "pages", "ocr", "[1,2]"],
    says: "arguments go with --args, as a JSON array: --args '[1,2]'",
  },
  { words: ["call", "pages", "ocr", "a", "3"], says: `--args '["a",3]'` },
  { words: ["call", "", "ocr"], says: "one of them is empty" },
  { words: ["call", "show"], says: "missing required argument 'id'" },
  { words: ["call", "show", "7"], says: "nor 6 or more characters of its begin or end; `bellows call list` shows" },
  { words: ["call", "list", "--kind", "lost"], says: "Allowed choices are remote, remoteGen, map, spawn, spawnMap" },
  { words: ["call", "list", "--since", "soon"], says: 'Write a duration such as "30m"' },
  { words: ["call", "list", "--function", "ocr"], says: "write --app APP --function ocr" },
  { words: ["call", "pages", "M.x", "--instance", "7"], says: "--instance is 7, which is not an array" },
  {
    words: ["call", "cancel"],
    says: "say which: `bellows call cancel ID...`, options such as --app or --state, or --all",
  },
  { words: ["call", "cancel", "7"], says: '"7" is not the id of a call' },
  { words: ["call", "retry", SOME_ID, "--all"], says: "name calls by id or by options, not both" },
  {
    words: ["call", "retry", "--kind", "map"],
    says: "callers of `map` have had their answers; `call retry` is for spawn and spawnMap",
  },
  { words: ["call", "retry", "--state", "running"], says: "`call retry` is for failed and cancelled ones" },
  {
    words: ["call", "cancel", "--state", "failed"],
    says: "calls in the state failed cannot be changed so; `call cancel` is for running ones",
  },
  {
    words: ["run", "every-kind.ts::Model"],
    says: '"Model" is a class; name one of its methods: "Model.predict", "Model.scale"',
  },
  { words: ["run", "every-kind.ts::Model.load"], says: 'class "Model" has no method "load" that can be called' },
  {
    words: ["run", "--detach", "every-kind.ts::count"],
    says: '"count" is a generator, whose values go to whoever waits',
  },
  { words: ["logs", "--call", "7"], says: '"7" is not the id of a call' },
  { words: ["logs", "pages/ocr/7"], says: "names neither an app nor a function; write APP or APP/FUNCTION" },
  { words: ["call", "list", "--state", "lost"], says: "Allowed choices are running, succeeded, failed, cancelled" },
  { words: ["app", "list", "--limit", "many"], says: "Write a whole number from 1" },
  { words: ["app"], says: "Usage: bellows app" },
  { words: ["function", "decisions", "pages", "ocr"], says: '"pages ocr" names no function; write pages/ocr' },
  { words: ["function", "scale", "pages/ocr", "5"], says: '"pages/ocr 5" names no function; write APP/FUNCTION' },
  { words: ["function", "decisions", "pages"], says: '"pages" names no function; write APP/FUNCTION' },
  { words: ["limit", "set", "pending", "5"], says: "Allowed choices are pendingSyncInputs, syncInputs" },
  { words: ["limits", "set", "syncInputs", "many"], says: "Write a number, or `default`" },
])("wrong usage ends with 2 and says what is wrong: $words", async ({ words, says }) => {
  expectSentence(await bellows(words, { env: NOWHERE }), WRONG_USAGE, says);
});

test.each([
  { file: "missing-import.ts", says: 'missing-import.ts:2:25: Could not resolve "a-package-that-is-not-here"' },
  {
    file: "wrong-option.ts",
    says: /300 ms is below 2 s; did you mean "300s"\?\n\s+5 \| .*\n\s+\^\n\s+at wrong-option\.ts:5:/,
  },
  { file: "two-apps.ts", says: "the file exports 2 apps (first, second); export one" },
  { file: "hidden-app.ts", says: "error: hidden-app.ts:4: the app that is made here is not exported" },
  {
    file: "unnamed-function.ts",
    says: "error: unnamed-function.ts:6: a function of the app is neither exported nor named",
  },
  {
    file: "legacy-decorators/model.ts",
    says: 'legacy decorator: "experimentalDecorators" is set in the tsconfig.json',
  },
  { file: "no-app.ts", says: 'no-app.ts: the file exports no app; add `export const app = new App("name")`' },
  {
    file: "import-throws.ts",
    says: /threw while it was loaded.*\ncaused by: SyntaxError: .*JSON.*\n\s+5 \| .*JSON\.parse.*\n\s+\^\n\s+at import-throws\.ts:5:/,
  },
])("a file that cannot be an app ends with 1 and its place: $file", async ({ file, says }) => {
  expectSentence(await bellows(["deploy", file], { env: NOWHERE }), FAILED, says);
  expectSentence(await bellows(["run", file], { env: NOWHERE }), FAILED, says);
});

test("without an orchestrator there is one sentence, whether it is unknown or silent", async () => {
  const dir = temporaryDir();
  expectSentence(
    await bellows(["app", "list"], { cwd: dir }),
    FAILED,
    /^error: no orchestrator is known here; run `npm start`/,
  );
  const silent = { env: NOWHERE };
  for (const words of [
    ["app", "list"],
    ["deploy", "greeting.ts"],
    ["call", "pages", "ocr"],
    ["logs"],
    ["container", "list"],
    ["sign-in"],
  ]) {
    expectSentence(
      await bellows(words, silent),
      FAILED,
      /^error: the orchestrator at http:\/\/127\.0\.0\.1:9 .*`npm start`/,
    );
  }
});

test("what answers on the port but is no orchestrator is said so, not shown as a stack", async () => {
  const server = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"));
  onTestFinished(() => void server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  const env = { BELLOWS_URL: `http://127.0.0.1:${port}`, BELLOWS_TOKEN: "none" };
  expectSentence(await bellows(["app", "list"], { env }), FAILED, /^error: the orchestrator at .* did not answer/);
});

test("with --json the error is the document on stdout", async () => {
  const ended = await bellows(["deploy", "wrong-option.ts", "--json"], { env: NOWHERE });
  expect(ended).toMatchObject({ exitCode: FAILED, stderr: "" });
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "INVALID" } });
  const usage = await bellows(["run", "nowhere.ts", "--json"], { env: NOWHERE });
  expect(usage.exitCode).toBe(WRONG_USAGE);
  expect(JSON.parse(usage.stdout)).toMatchObject({ error: { code: "USAGE" } });
});

test("a reader that has seen enough ends what only shows, quietly and well", async () => {
  const child = startBellows(["--help"]);
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("the folder of a loaded bundle goes with the process, by Ctrl-C too; after a kill with the next", async () => {
  const tmp = temporaryDir();
  const env = { ...NOWHERE, TMPDIR: tmp };
  const folders = () => readdirSync(tmp).filter((name) => name.startsWith("bellows-run-"));
  await bellows(["deploy", "greeting.ts"], { env });
  await bellows(["run", "greeting.ts"], { env });
  expect(folders()).toEqual([]);
  for (const [signal, left] of [
    ["SIGINT", 0],
    ["SIGKILL", 1],
  ] as const) {
    const child = startBellows(["run", "never-ends.ts"], { env });
    const [text] = await once(child.stderr, "data");
    expect(String(text)).toContain("loading");
    expect(folders()).toHaveLength(1);
    child.kill(signal);
    await once(child, "exit");
    expect(folders()).toHaveLength(left);
  }
  await bellows(["deploy", "greeting.ts"], { env });
  expect(folders()).toEqual([]);
});
