import type { AppProgressView } from "@bellows/protocol/views";
import { createApiClient } from "@bellows/sdk/api-client";
import { expect, test } from "vitest";
import { watchProgress } from "./progress-watch.ts";
import { apiServer, NEVER } from "./testing/api-server.ts";

const APP_ID = "01a209ff-0000-7000-8000-000000000000";

function progress(unfinished: number, succeeded: number): AppProgressView {
  const counts = { succeeded, failed: 0, cancelled: 0 };
  return { unfinished, inputs: 2, counts, queued: 0, running: unfinished, liveContainers: 1 };
}

/** An orchestrator that answers with one of these after the other, and then with the last; with none, it never answers. */
async function answering(...answers: AppProgressView[]) {
  const left = [...answers];
  const { url, asked } = await apiServer({
    "apps.progress": () => (left.length > 1 ? left.shift() : (left[0] ?? NEVER)),
  });
  return { session: createApiClient({ url, token: "t" }), asked };
}

test("a look is one question, however many calls and functions there are, and none follows the end", async () => {
  const { session, asked } = await answering(progress(2, 0));
  const shown = await new Promise<AppProgressView>((resolve) => {
    const watch = watchProgress(session, APP_ID, (seen) => {
      watch.stop();
      resolve(seen);
    });
  });
  expect(shown).toEqual(progress(2, 0));
  expect(asked).toEqual(["apps.progress"]);
});

test("the last state is the one in which every call has ended, or with `once` the present one", async () => {
  const { session } = await answering(progress(2, 0), progress(1, 1), progress(0, 2));
  expect(await watchProgress(session, APP_ID, () => undefined).last({ once: true })).toEqual(progress(2, 0));
  expect(await watchProgress(session, APP_ID, () => undefined).last({ once: false })).toEqual(progress(0, 2));
});

test("calls that go on, and an orchestrator that does not answer, are waited for a second", async () => {
  const startedAtMs = performance.now();
  const [{ session: going }, { session: silent }] = await Promise.all([answering(progress(1, 1)), answering()]);
  const last = await Promise.all(
    [going, silent].map((session) => watchProgress(session, APP_ID, () => undefined).last({ once: false })),
  );
  expect(last).toEqual([progress(1, 1), undefined]);
  expect(performance.now() - startedAtMs).toBeLessThan(2_000);
});
