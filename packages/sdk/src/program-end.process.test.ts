/** A program ends when it has nothing left to wait for, with its link still open; what it cancelled is still told. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Behaviour } from "./testing/fake-orchestrator.ts";
import { answering, FakeOrchestrator, TOKEN } from "./testing/fake-orchestrator.ts";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** Runs a module that has a client `bellows` and a function `double`, and resolves when it has ended by itself. */
async function run(behaviour: Behaviour, body: string) {
  const server = await new FakeOrchestrator(behaviour).start();
  onTestFinished(() => server.stop());
  const head =
    'import { Bellows } from "@bellows/sdk"; const bellows = new Bellows(); const double = bellows.functions.fromName("math", "double");';
  const child = spawn(process.execPath, ["--input-type=module", "--eval", `${head}\n${body}`], {
    cwd: packageFolder,
    env: { ...process.env, BELLOWS_URL: server.url, BELLOWS_TOKEN: TOKEN },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { server, code, output };
}

test("after a call", async () => {
  const { code, output } = await run(
    answering((n: number) => n * 2),
    "console.log(await double.remote(21));",
  );
  expect({ code, output }).toEqual({ code: 0, output: "42\n" });
});

test("after a loop was left while inputs were running", async () => {
  const onlyTheFirst: Behaviour = (frame, send) => {
    if (frame.type === "inputs") answering((n: number) => n)({ ...frame, values: frame.values.slice(0, 1) }, send);
  };
  const { server, code, output } = await run(
    onlyTheFirst,
    "for await (const result of double.map([1, 2, 3])) { console.log(result); break; }",
  );
  expect({ code, output }).toEqual({ code: 0, output: "1\n" });
  expect(await server.until(() => server.framesOf("cancel")[0])).toMatchObject({ type: "cancel" });
});

test("with the error of a call that nobody catches, as any program does", async () => {
  const { code } = await run((frame, send) => {
    if (frame.type !== "open") return;
    send({ type: "refused", callId: frame.callId, error: { code: "NOT_FOUND", message: "there is no such app" } });
  }, "process.on('uncaughtException', (error) => { process.exitCode = error.code === 'NOT_FOUND' ? 7 : 1; }); await double.remote(1);");
  expect(code).toBe(7);
});
