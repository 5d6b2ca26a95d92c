/** The numbers of now, and the autoscaler's reason for them in its own words. */
import type { FunctionView } from "@bellows/protocol/views";
import Link from "next/link";
import { formatCount } from "../../lib/format.ts";
import type { FunctionPath } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { CONTAINER_LOOKS, liveContainerCount } from "../../lib/status.tsx";
import { Dot } from "../../ui/badge.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import { StandstillPanel } from "./standstill-panel.tsx";

export function LivePanel({ fn, path }: { fn: FunctionView; path: FunctionPath }) {
  const { stats, settings } = fn;
  const running = path.pool
    ? paths.function(path, "calls")
    : paths.calls({ app: path.app, function: path.function, state: "running" });
  const containers = paths.function(path, "containers");
  return (
    <div className="flex flex-col gap-3">
      <StandstillPanel fn={fn} />
      <StatStrip
        label="Live numbers"
        stats={[
          {
            label: "Queued inputs",
            value: formatCount(stats.queued),
            href: running,
            tone: stats.queued > 0 ? "wait" : undefined,
            note: "waiting for a slot",
          },
          {
            label: "Running inputs",
            value: formatCount(stats.running),
            href: running,
            tone: stats.running > 0 ? "info" : undefined,
            note: "being executed",
          },
          {
            label: "Live containers",
            value: formatCount(liveContainerCount(stats)),
            href: containers,
            note: <ByState stats={stats} />,
          },
          {
            label: "Wanted containers",
            value: formatCount(stats.desiredContainers),
            href: paths.function(path, "autoscaler"),
            note: `between ${settings.minContainers} and ${settings.maxContainers}`,
          },
        ]}
      />
      {stats.reason && (
        <p className="text-ink-soft">
          <span className="text-ink-faint">Autoscaler:</span> {stats.reason}{" "}
          <Link href={paths.function(path, "load")} className="link whitespace-nowrap">
            All decisions
          </Link>
        </p>
      )}
    </div>
  );
}

const STATES = ["starting", "ready", "draining"] as const;

function ByState({ stats: { containers } }: { stats: FunctionView["stats"] }) {
  const states = STATES.filter((state) => containers[state] > 0);
  if (states.length === 0) return "none is up";
  return (
    <span className="flex flex-wrap gap-x-3">
      {states.map((state) => (
        <span key={state} className="inline-flex items-center gap-1 whitespace-nowrap">
          <Dot {...CONTAINER_LOOKS[state]} />
          {containers[state]} {CONTAINER_LOOKS[state].label.toLowerCase()}
        </span>
      ))}
    </span>
  );
}
