/** The main job on real input, pages of text read by tesseract.js, with the orchestrator killed in the middle, on any driver. */
import { expect, it } from "vitest";
import { call, containers, expectEveryInputOnce, lostInputs, newestCallId, readyContainerIds } from "./look.ts";
import { resultOf, type Stack, until } from "./stack.ts";

const PAGES = 24;
const MAX_CONTAINERS = 4;
/** On Docker its image may have to be built first. */
const BEGUN_MS = 200_000;

/**
 * `startsOf` is what the host says of these containers: different when one of them was started anew, or does not run.
 */
export function ocrSurvivesKill(stackOf: () => Stack, startsOf: (containerIds: readonly string[]) => string[]): void {
  it("ocr: kill -9 of the orchestrator during a map; its containers live on, every page has one output, none is left", async () => {
    const stack = stackOf();
    const child = stack.spawnBellows(["run", "examples/ocr/ocr.ts"]);
    const result = resultOf(child);
    const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
    let stdout = "";
    child.stdout?.on("data", (text: string) => {
      stdout += text;
    });
    let before: string[] = [];
    await until(async () => {
      if (isOver()) return true;
      if (/^page/m.test(stdout)) before = await readyContainerIds(stack);
      return before.length > 1;
    }, BEGUN_MS);
    expect(before.length).toBeGreaterThan(1);
    expect(before.length).toBeLessThanOrEqual(MAX_CONTAINERS);
    const startedAt = startsOf(before);
    expect(startedAt).toHaveLength(before.length);
    const killed = await stack.pidOf("orchestrator");
    process.kill(killed, "SIGKILL");
    // It has listed and adopted what it found when it says so; before, it knows them from its rows alone.
    await stack.ready();
    expect(isOver()).toBe(false);
    expect(await stack.pidOf("orchestrator")).not.toBe(killed);
    expect(startsOf(before)).toEqual(startedAt);
    expect((await containers(stack)).map(({ id }) => id)).toEqual(expect.arrayContaining(before));

    const { code, stdout: all, stderr } = await result;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(all.match(/^page \d\d/gm)).toEqual(
      Array.from({ length: PAGES }, (_, page) => `page ${String(page + 1).padStart(2, "0")}`),
    );
    const callId = await newestCallId(stack);
    await until(async () => (await call(stack, callId)).state !== "running");
    await expectEveryInputOnce(stack, callId, PAGES);
    expect(await lostInputs(stack, callId, PAGES)).toEqual([]);
    await until(async () => (await containers(stack)).length === 0);
  }, 400_000);
}
