/** A state in one word, with a dot: filled while something is at work, a ring when it is at rest. */
import clsx from "clsx";
import type { Tone } from "./tones.ts";
import { TONE_FILL, TONE_RING, TONE_TEXT } from "./tones.ts";

export function Badge({
  label,
  tone,
  active,
  title,
}: {
  label: string;
  tone: Tone;
  active: boolean;
  title?: string | undefined;
}) {
  return (
    <span
      title={title}
      className={clsx(
        "inline-flex items-center gap-1.5 whitespace-nowrap font-medium",
        // What ended well needs no attention, and most of what is listed has: only its dot has the colour.
        active || tone === "bad" || tone === "wait" ? TONE_TEXT[tone] : "text-ink-soft",
      )}
    >
      <Dot tone={tone} active={active} />
      {label}
    </span>
  );
}

export function Dot({ tone, active }: { tone: Tone; active: boolean }) {
  return (
    <span
      aria-hidden
      className={clsx("size-2 shrink-0 rounded-full", active ? TONE_FILL[tone] : ["border-[1.5px]", TONE_RING[tone]])}
    />
  );
}

/** A fact about a thing that is not a state: a version, a kind, a driver. */
export function Tag({ children, title }: { children: React.ReactNode; title?: string }) {
  return (
    <span
      title={title}
      className="inline-flex items-center whitespace-nowrap rounded border border-line bg-sunken px-1.5 py-px font-mono text-ink-soft text-xs"
    >
      {children}
    </span>
  );
}
