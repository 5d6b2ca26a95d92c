/** Waiting for the output of one input: a stored one, else a live one, for as long as the caller wants to wait. */

import type { FactReader } from "../journal/facts.ts";
import type { CallListener } from "./call-listener.ts";
import type { FinishedInput } from "./engines.ts";
import type { WatchDeps } from "./watch.ts";

/** Resolves with undefined when the time is up, or the call is over without it. */
export async function awaitOutput(
  input: { callId: string; index: number },
  timeoutMs: number,
  { find, committed, reader }: Omit<WatchDeps, "reader"> & { reader: Pick<FactReader, "outputs"> },
): Promise<FinishedInput | undefined> {
  const call = await find();
  let heard: (output: FinishedInput) => void = () => {};
  let giveUp: () => void = () => {};
  const live = new Promise<FinishedInput>((resolve) => {
    heard = resolve;
  });
  const over = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const listener: CallListener = {
    output(_callId, [index, status, payload, attempts, containerId]) {
      if (index === input.index) heard({ status, payload, attempts, containerId });
    },
    finished: giveUp,
  };
  call?.listen(listener);
  if (!call) giveUp();
  const timer = setTimeout(giveUp, timeoutMs);

  /** What was stored before the listening began is found here; what comes after it is heard. */
  async function storedOrNever(): Promise<FinishedInput | undefined> {
    await committed();
    const [first] = await reader.outputs(input.callId, input.index, 1);
    if (first?.index === input.index) {
      const { status, payload, attempts, containerId } = first;
      return { status, payload, attempts, containerId };
    }
    await over;
    return undefined;
  }

  try {
    return await Promise.race([live, storedOrNever()]);
  } finally {
    clearTimeout(timer);
    call?.unlisten(listener);
  }
}
