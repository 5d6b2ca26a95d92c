/** Says on stderr that the orchestrator went away while it was waited for, and that it is back: once, however many links there are. */
import { spellDuration } from "@bellows/protocol/duration";
import { onLinkState } from "@bellows/protocol/link-state";
import pc from "picocolors";

/** From now until the process ends. */
export function noticeLostLinks(say: (text: string) => void): void {
  let lost = 0;
  onLinkState(({ state, url, patienceMs }) => {
    if (state === "lost") {
      lost += 1;
      if (lost === 1)
        say(pc.yellow(`lost the orchestrator at ${url}; waiting up to ${spellDuration(patienceMs)} for it`));
      return;
    }
    if (lost === 0) return;
    lost -= 1;
    if (lost === 0) say(pc.dim("the orchestrator is back"));
  });
}
