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
        Cancelling one of the calls that wait frees its slot at once. What is set now stands in the function&apos;s{" "}
        <Link href={settings} className="link">
          settings
        </Link>
        .
      </p>
    </div>
  );
}
