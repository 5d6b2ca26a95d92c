import { ConnectionError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { encodeValue } from "@bellows/protocol/values";
import { describe, expect, onTestFinished, test } from "vitest";
import { backoffMs } from "./backoff.ts";
import { ClientLink } from "./client-link.ts";
import { answering, FakeOrchestrator, TOKEN } from "./testing/fake-orchestrator.ts";

const target = { environment: "main", app: "math", function: "double" };

async function serverAndLink(options: { firstConnectMs?: number; reconnectMs?: number } = {}) {
  const server = await new FakeOrchestrator(answering((n: number) => n * 2)).start();
  const link = new ClientLink({ url: server.url, token: TOKEN, ...options });
  onTestFinished(async () => {
    await link.close();
    await server.stop();
  });
  return { server, link };
}

/** Opens a call of one input and resolves with how it ends: its output's index, or the error. */
function callOnce(link: ClientLink): Promise<number | Error> {
  return new Promise((resolve) => {
    const call = link.open(target, "remote", {
      outputs: ([output]) => resolve(output?.[0] ?? -1),
      finished: (state) => resolve(new Error(state)),
      failed: resolve,
    });
    call.send(encodeValue([1]));
    call.close();
  });
}

describe("the link", () => {
  test("a program that never reached its orchestrator is told soon, with advice", async () => {
    const { server, link } = await serverAndLink({ firstConnectMs: 100 });
    await server.stop();
    const error = await callOnce(link);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(/ECONNREFUSED.*start it with `npm start`, or set BELLOWS_URL/);

    await server.start();
    expect(await callOnce(link)).toBe(0);
  });

  test("an orchestrator that has gone away is waited for, but not for ever", async () => {
    const { server, link } = await serverAndLink({ firstConnectMs: 1, reconnectMs: 150 });
    expect(await callOnce(link)).toBe(0);
    await server.stop();
    const error = await callOnce(link);
    expect(String(error)).toMatch(
      /ConnectionError: the orchestrator at .* has not answered.*look at the orchestrator's log/,
    );
  });

  test("what an app is held by and whose logs are followed is said again after a cut", async () => {
    const { server, link } = await serverAndLink();
    const appId = newId();
    link.hold(appId);
    const lines = new Promise((resolve) => link.followLogs(appId, resolve));
    await server.until(() => server.framesOf("followLogs")[0]);
    server.received.length = 0;
    server.cut();
    await server.until(() => server.framesOf("followLogs")[0]);
    expect(server.received).toEqual([
      { type: "hold", appId },
      { type: "followLogs", appId },
    ]);
    server.send({ type: "logs", appId, lines: [["ocr", 1, "stdout", null, null, newId(), "page 1"]] });
    expect(await lines).toMatchObject([["ocr", 1, "stdout", null, null, expect.any(String), "page 1"]]);
  });

  test("an idle link is not reconnected after a cut, until the next call", async () => {
    const { server, link } = await serverAndLink();
    await callOnce(link);
    server.cut();
    expect(await callOnce(link)).toBe(0);
    expect(server.connections).toBe(2);
  });

  test("a large message is cut into several, in order", async () => {
    const { server, link } = await serverAndLink();
    const big = encodeValue([new Uint8Array(700_000)]);
    const outputs = new Promise<number>((resolve) => {
      let count = 0;
      const call = link.open(target, "map", {
        outputs: (some) => {
          count += some.length;
          if (count === 6) resolve(count);
        },
        finished: () => undefined,
        failed: () => undefined,
      });
      for (let i = 0; i < 6; i++) call.send(big);
      call.close();
    });
    expect(await outputs).toBe(6);
    expect(server.framesOf("inputs").map((frame) => frame.firstIndex)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(server.messageSizes.length).toBeGreaterThan(2);
  });

  test("closing fails what is waited for, and may be done twice", async () => {
    const { server, link } = await serverAndLink();
    server.behaviour = () => undefined;
    const ended = callOnce(link);
    await server.until(() => server.framesOf("open")[0]);
    await Promise.all([link.close(), link.close()]);
    expect(await ended).toMatchObject({ code: "CANCELLED" });
    expect(() => link.hold(newId())).toThrowError("was closed by `close()`");
  });
});

test("waiting between attempts doubles up to two seconds, spread over the upper half", () => {
  expect([1, 2, 3, 6, 7, 50].map((failed) => backoffMs(failed, 1))).toEqual([50, 100, 200, 1_600, 2_000, 2_000]);
  expect(backoffMs(3, 0)).toBe(100);
});
