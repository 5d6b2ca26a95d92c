import type { FunctionView } from "@bellows/protocol/views";
import { plural } from "../../lib/format.ts";
import { StandstillPanel } from "../functions/standstill-panel.tsx";

/** More would push everything else off the screen. */
const SHOWN = 5;

/** Functions of which nothing moves until somebody acts, each with its reason. */
export function StuckFunctions({ functions }: { functions: readonly FunctionView[] }) {
  if (functions.length === 0) return null;
  return (
    <section id={STUCK_ID} aria-label="Stuck functions" className="flex scroll-mt-16 flex-col gap-3">
      {functions.slice(0, SHOWN).map((fn) => (
        <StandstillPanel key={fn.id} fn={fn} named />
      ))}
      {functions.length > SHOWN && (
        <p className="text-ink-soft">{plural(functions.length - SHOWN, "more function")} stand still, too.</p>
      )}
    </section>
  );
}

/** The place on the page that the number of them leads to. */
export const STUCK_ID = "stuck";
