/** What a colour means. Five meanings and no more: a screen full of colours says nothing. */
export type Tone = "good" | "info" | "wait" | "bad" | "muted";

/** Class names spelled out, because Tailwind finds only what stands in the source. */
export const TONE_TEXT: Record<Tone, string> = {
  good: "text-good",
  info: "text-info",
  wait: "text-wait",
  bad: "text-bad",
  muted: "text-ink-soft",
};

export const TONE_FILL: Record<Tone, string> = {
  good: "bg-good",
  info: "bg-info",
  wait: "bg-wait",
  bad: "bg-bad",
  muted: "bg-ink-faint",
};

export const TONE_RING: Record<Tone, string> = {
  good: "border-good",
  info: "border-info",
  wait: "border-wait",
  bad: "border-bad",
  muted: "border-ink-faint",
};

export const TONE_PANEL: Record<Tone, string> = {
  good: "border-good/30 bg-good/8",
  info: "border-info/30 bg-info/8",
  wait: "border-wait/35 bg-wait/8",
  bad: "border-bad/30 bg-bad/8",
  muted: "border-line bg-sunken",
};
