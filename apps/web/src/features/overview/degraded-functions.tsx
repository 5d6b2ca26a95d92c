import type { FunctionView } from "@bellows/protocol/views";
import Link from "next/link";
import { paths } from "../../lib/paths.ts";
import { TONE_PANEL } from "../../ui/tones.ts";

/** Functions whose containers cannot start: nothing of theirs runs until somebody acts. */
export function DegradedFunctions({ functions }: { functions: readonly FunctionView[] }) {
  if (functions.length === 0) return null;
  return (
    <section aria-label="Degraded functions" className={`rounded-lg border px-4 py-3 ${TONE_PANEL.bad}`}>
      <h2 className="mb-1 font-semibold">Starts keep failing</h2>
      <ul className="flex flex-col gap-1">
        {functions.map(({ id, appName, name, stats }) => (
          <li key={id} className="min-w-0 break-words">
            <Link href={paths.function({ app: appName, function: name })} className="link font-medium">
              {appName} / {name}
            </Link>{" "}
            <span className="text-ink-soft">{stats.degraded?.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
