/** All slots run inputs that wait for this same function: nothing will move until somebody acts. Says what to do. */
import Link from "next/link";
import { RichText } from "../../ui/rich-text.tsx";
import { TONE_PANEL } from "../../ui/tones.ts";

export function DeadlockWarning({ sentence, settings }: { sentence: string; settings: string }) {
  return (
    <div role="alert" className={`min-w-0 rounded-lg border p-4 ${TONE_PANEL.wait}`}>
      <p className="break-words font-medium">
        <span className="mr-2 text-wait">Deadlock</span>
        <RichText text={sentence} />
      </p>
      <p className="mt-2 max-w-prose text-ink-soft">
        Raise{" "}
        <Link href={settings} className="link">
          maxContainers or concurrent.maxInputs
        </Link>{" "}
        and deploy again, or{" "}
        <RichText text="`spawn` the inner calls and leave without waiting for them. Cancelling one of the waiting calls frees its slot at once." />
      </p>
    </div>
  );
}
