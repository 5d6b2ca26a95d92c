/** Says that nothing of a function moves, why, and what to do. Nothing while it moves. */
import type { FunctionView } from "@bellows/protocol/views";
import Link from "next/link";
import { paths } from "../../lib/paths.ts";
import { FunctionLink } from "../../ui/function-link.tsx";
import { RichText } from "../../ui/rich-text.tsx";
import { TONE_PANEL, TONE_TEXT } from "../../ui/tones.ts";
import { standstillOf } from "./standstill.ts";

export function StandstillPanel({
  fn,
  named = false,
}: {
  fn: Pick<FunctionView, "id" | "appName" | "name" | "pool" | "stats">;
  /** Also of which function; leave it out on the page of that one. */
  named?: boolean;
}) {
  const standstill = standstillOf(fn.stats);
  if (!standstill) return null;
  const { title, tone, sentence, advice, more } = standstill;
  const path = { app: fn.appName, function: fn.name, pool: fn.pool ? fn.id : undefined };
  return (
    <div role="alert" className={`min-w-0 rounded-lg border px-4 py-3 ${TONE_PANEL[tone]}`}>
      <p className="flex flex-wrap gap-x-3">
        <span className={`font-semibold ${TONE_TEXT[tone]}`}>{title}</span>
        {named && <FunctionLink app={path.app} name={path.function} pool={path.pool} />}
      </p>
      <p className="[overflow-wrap:anywhere]">
        <RichText text={sentence} />
      </p>
      <p className="mt-1 text-ink-soft">
        <RichText text={advice} />{" "}
        <Link href={paths.function(path, more.tab)} className="link whitespace-nowrap">
          {more.label}
        </Link>
      </p>
    </div>
  );
}
