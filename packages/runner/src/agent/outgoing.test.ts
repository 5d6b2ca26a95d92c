import type { AttemptRef, OutputItem } from "@bellows/protocol/frame-parts";
import { describe, expect, it } from "vitest";
import { Outgoing } from "./outgoing.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const attempt: AttemptRef = [callId, 0, 1];
const output: OutputItem = [0, 1, 0, new Uint8Array(1), 0, 0];
const large = new Uint8Array(700_000);
const error = { code: "CONTAINER_CRASHED", message: "gone" } as const;

/** The types of the frames of each message, until nothing waits. */
function messages(outgoing: Outgoing, started: AttemptRef[] = []): string[][] {
  const taken: string[][] = [];
  for (let frames = outgoing.take(started); frames.length > 0; frames = outgoing.take([])) {
    taken.push(frames.map(({ type }) => type));
  }
  return taken;
}

describe("what is on its way to the orchestrator", () => {
  it("tells of no end before every value that was yielded", () => {
    const outgoing = new Outgoing({ wake: () => {}, wakeIdly: () => {} });
    outgoing.yielded({ attempt, firstSeq: 0, values: [large, large] });
    outgoing.end(callId, output);
    expect(messages(outgoing, [attempt])).toEqual([
      ["started", "yields"],
      ["yields", "outputs"],
    ]);
  });

  it("tells of no loss before either, nor of what follows the loss", () => {
    const outgoing = new Outgoing({ wake: () => {}, wakeIdly: () => {} });
    outgoing.notify({ type: "draining" });
    outgoing.yielded({ attempt, firstSeq: 0, values: [large, large] });
    outgoing.notify({ type: "lost", attempts: [attempt], error });
    outgoing.notify({ type: "returned", attempts: [attempt] });
    expect(messages(outgoing)).toEqual([
      ["draining", "yields"],
      ["yields", "lost", "returned"],
    ]);
    outgoing.rewind();
    expect(messages(outgoing)).toEqual([]);
  });

  it("is offered again on a new link in the same order, until the output is stored; then only to who asks", () => {
    const outgoing = new Outgoing({ wake: () => {}, wakeIdly: () => {} });
    outgoing.yielded({ attempt, firstSeq: 0, values: [new Uint8Array(1)] });
    outgoing.end(callId, output);
    expect(messages(outgoing)).toEqual([["yields", "outputs"]]);
    outgoing.rewind();
    expect(messages(outgoing)).toEqual([["yields", "outputs"]]);
    outgoing.acknowledge(1);
    outgoing.rewind();
    expect(messages(outgoing)).toEqual([]);
    outgoing.taken(attempt, 0, true);
    expect(messages(outgoing)).toEqual([["yields"]]);
    outgoing.taken(attempt, 1, false);
    expect(outgoing.hasYielded(attempt)).toBe(false);
  });
});
