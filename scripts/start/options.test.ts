import { expect, test } from "vitest";
import { Refusal } from "../setup/refusal.mjs";
import { parseStartOptions } from "./options.mjs";

const parse = (args: string[], env: Record<string, string> = {}) => parseStartOptions(args, env, "/clone");

test("listens on this machine only, with console and examples, when nothing is given", () => {
  expect(parse([])).toEqual({
    help: false,
    dev: false,
    console: true,
    examples: true,
    host: "127.0.0.1",
    port: 4000,
    consolePort: 3000,
    stateDir: "/clone/.bellows",
    databaseUrl: null,
  });
});

test("a flag beats its variable", () => {
  const env = { BELLOWS_PORT: "5000", BELLOWS_CONSOLE_PORT: "5001", BELLOWS_STATE_DIR: "/state" };
  expect(parse([], env)).toMatchObject({ port: 5000, consolePort: 5001, stateDir: "/state" });
  const args = ["--port", "6000", "--console-port=6001", "--state-dir", "mine"];
  expect(parse(args, env)).toMatchObject({ port: 6000, consolePort: 6001, stateDir: "/clone/mine" });
});

test("what may be left out is left out by flag and by variable", () => {
  expect(parse(["--no-console", "--no-examples"])).toMatchObject({ console: false, examples: false });
  expect(parse([], { BELLOWS_NO_CONSOLE: "1", BELLOWS_NO_EXAMPLES: "true" })).toMatchObject({
    console: false,
    examples: false,
  });
  expect(parse([], { BELLOWS_NO_CONSOLE: "0" })).toMatchObject({ console: true });
});

test.each([
  [["--port", "0"], "--port"],
  [["--port", "65536"], "--port"],
  [["--console-port", "http"], "--console-port"],
  [["--port", "3000"], "3000"],
  [["--prot", "1"], "--prot"],
  [["stray"], "stray"],
])("%j is refused by name, as wrong usage", (args, named) => {
  const attempt = () => parse(args);
  expect(attempt).toThrow(Refusal);
  expect(attempt).toThrow(named);
  expect(attempt).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test("a wrong variable is named", () => {
  expect(() => parse([], { BELLOWS_PORT: "x" })).toThrow('BELLOWS_PORT is "x"');
});

test("the console and the API may share a port when there is no console", () => {
  expect(parse(["--no-console", "--port", "3000"])).toMatchObject({ port: 3000 });
});
