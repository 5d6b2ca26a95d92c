"use client";
/** What the edited settings would have made of what came: tried on recorded arrivals or a pasted trace. Nothing changes by it. */
import type { EffectiveSettings, FunctionView } from "@bellows/protocol/views";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useRef, useState } from "react";
import { apiErrorData } from "../../lib/api-error.ts";
import { LOAD_SPAN_MS } from "../../lib/filters.ts";
import type { LoadSpan } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { CONTROL, Field } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import type { Drafts } from "./drafts.ts";
import { changesOf } from "./drafts.ts";
import { PreviewResult } from "./preview-result.tsx";
import type { PreviewQuestion } from "./preview-stale.ts";
import { isPreviewStale } from "./preview-stale.ts";
import { TraceField } from "./trace-field.tsx";

type Source = Exclude<LoadSpan, "15m"> | "trace";

const SOURCES: readonly { source: Source; label: string }[] = [
  { source: "1h", label: "Recorded: last hour" },
  { source: "6h", label: "Recorded: last 6 hours" },
  { source: "24h", label: "Recorded: last 24 hours" },
  { source: "trace", label: "A pasted trace" },
];

export function PreviewSection({
  fn,
  current,
  drafts,
  ready,
}: {
  fn: FunctionView;
  current: EffectiveSettings;
  drafts: Drafts;
  ready: boolean;
}) {
  const trpc = useTRPC();
  const [source, setSource] = useState<Source>("24h");
  const [filled, setFilled] = useState(false);
  const [asked, setAsked] = useState<PreviewQuestion>();
  /** The trace in the field is not the one that was asked about. */
  const [otherTrace, setOtherTrace] = useState(false);
  const trace = useRef<HTMLTextAreaElement>(null);
  const preview = useMutation(trpc.functions.preview.mutationOptions());
  const now: PreviewQuestion = { source, changes: changesOf(drafts) };
  const answered = preview.data && asked && { asked, today: preview.data.today.settings };
  const stale =
    answered !== undefined && (isPreviewStale(answered, { now, current }) || (source === "trace" && otherTrace));
  const changeTrace = (isFilled: boolean) => {
    setFilled(isFilled);
    setOtherTrace(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(now);
    setOtherTrace(false);
    preview.mutate({
      functionId: fn.id,
      changes: now.changes,
      arrivals: arrivalsOf(source, trace.current?.value ?? ""),
    });
  };
  return (
    <Section title="Preview" count="replays arrivals through the autoscaler; nothing changes">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3 border-line border-b px-4 py-3">
        <SourceField
          source={source}
          onSource={(chosen) => {
            changeTrace(false);
            setSource(chosen);
          }}
        />
        <Button type="submit" look="primary" disabled={!ready || preview.isPending || (source === "trace" && !filled)}>
          {preview.isPending ? "Replaying…" : "Preview"}
        </Button>
        {source === "trace" && <TraceField field={trace} onChanged={changeTrace} />}
      </form>
      {preview.error && (
        <div className="p-4">
          <ErrorPanel error={apiErrorData(preview.error)} />
        </div>
      )}
      {preview.isPending && !preview.data && <ResultSkeleton />}
      {preview.data && (
        <PreviewResult view={preview.data} stale={stale} ofTrace={preview.variables.arrivals.source === "trace"} />
      )}
      {preview.isIdle && (
        <p className="px-4 py-5 text-ink-soft">
          Edit a setting above and see what it would have made of the inputs that came: how long they would have waited,
          and what that would have cost. Today's settings stand beside it.
        </p>
      )}
    </Section>
  );
}

function SourceField({ source, onSource }: { source: Source; onSource: (source: Source) => void }) {
  return (
    <Field label="Arrivals" className="min-w-56">
      {(id) => (
        <select
          id={id}
          value={source}
          onChange={({ target }) => onSource(SOURCES.find((item) => item.source === target.value)?.source ?? "24h")}
          className={CONTROL}
        >
          {SOURCES.map((item) => (
            <option key={item.source} value={item.source}>
              {item.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function arrivalsOf(source: Source, csv: string) {
  if (source === "trace") return { source, csv };
  const toMs = Date.now();
  return { source: "recorded" as const, fromMs: toMs - LOAD_SPAN_MS[source], toMs };
}

function ResultSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3 p-4">
      <Skeleton className="h-4 w-full" />
      <Skeleton className="h-4 w-full" />
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-28 w-full" />
    </div>
  );
}
