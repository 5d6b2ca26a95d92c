/** Where a setting comes from. A higher layer holds over a lower one. */
import type { EffectiveSetting, SettingLayer } from "@bellows/protocol/views";
import clsx from "clsx";
import { TimeAgo } from "../../ui/time.tsx";

/** What the code says needs no colour; what somebody has laid over it does. */
const LAYERS: Record<SettingLayer, { label: string; meaning: string; look: string }> = {
  default: { label: "default", meaning: "nobody has set it", look: "border-line text-ink-faint" },
  code: { label: "code", meaning: "the code says so", look: "border-line bg-sunken text-ink-soft" },
  override: {
    label: "override",
    meaning: "changed while it runs; the next deploy takes it back",
    look: "border-info/40 bg-info/10 text-info",
  },
  policy: { label: "policy", meaning: "a scaling policy says so for now", look: "border-wait/40 bg-wait/10 text-wait" },
};

export function LayerBadge({ layer }: { layer: SettingLayer }) {
  const { label, meaning, look } = LAYERS[layer];
  return (
    <span title={meaning} className={clsx("inline-flex rounded border px-1.5 py-px font-mono text-xs", look)}>
      {label}
    </span>
  );
}

export function SetBy({ setting: { layer, setBy, atMs } }: { setting: EffectiveSetting }) {
  if (setBy === null) return <span className="text-ink-faint text-xs">{LAYERS[layer].meaning}</span>;
  return (
    <span className="min-w-0 text-ink-faint text-xs [overflow-wrap:anywhere]">
      by {setBy}, <TimeAgo atMs={atMs} />
    </span>
  );
}
