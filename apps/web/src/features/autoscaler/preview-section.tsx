"use client";
/** What the edited settings would have made of what came: tried on recorded arrivals or a pasted trace. Nothing changes by it. */
import type { FunctionView } from "@bellows/protocol/views";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent, RefObject } from "react";
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

type Source = Exclude<LoadSpan, "15m"> | "trace";

const SOURCES: readonly { source: Source; label: string }[] = [
  { source: "1h", label: "Recorded: last hour" },
  { source: "6h", label: "Recorded: last 6 hours" },
  { source: "24h", label: "Recorded: last 24 hours" },
  { source: "trace", label: "A pasted trace" },
];

export function PreviewSection({ fn, drafts, ready }: { fn: FunctionView; drafts: Drafts; ready: boolean }) {
  const trpc = useTRPC();
  const [source, setSource] = useState<Source>("24h");
  const [filled, setFilled] = useState(false);
  const trace = useRef<HTMLTextAreaElement>(null);
  const preview = useMutation(trpc.functions.preview.mutationOptions());
  const changes = changesOf(drafts);
  const stale =
    preview.variables !== undefined && JSON.stringify(preview.variables.changes) !== JSON.stringify(changes);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate({ functionId: fn.id, changes, arrivals: arrivalsOf(source, trace.current?.value ?? "") });
  };
  return (
    <Section title="Preview" count="replays arrivals through the autoscaler; nothing changes">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3 border-line border-b px-4 py-3">
        <Field label="Arrivals" className="min-w-56">
          {(id) => (
            <select
              id={id}
              value={source}
              onChange={({ target }) => {
                setFilled(false);
                setSource(SOURCES.find((item) => item.source === target.value)?.source ?? "24h");
              }}
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
        <Button type="submit" look="primary" disabled={!ready || preview.isPending || (source === "trace" && !filled)}>
          {preview.isPending ? "Replaying…" : "Preview"}
        </Button>
        {source === "trace" && <TraceField field={trace} onFilled={setFilled} />}
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

function arrivalsOf(source: Source, csv: string) {
  if (source === "trace") return { source, csv };
  const toMs = Date.now();
  return { source: "recorded" as const, fromMs: toMs - LOAD_SPAN_MS[source], toMs };
}

/** Traces are long: the text stays in the field, and React hears only whether there is any. */
function TraceField({
  field,
  onFilled,
}: {
  field: RefObject<HTMLTextAreaElement | null>;
  onFilled: (filled: boolean) => void;
}) {
  const read = async (file: File | undefined) => {
    if (!file || !field.current) return;
    field.current.value = await file.text();
    onFilled(field.current.value !== "");
  };
  return (
    <div className="flex w-full flex-col gap-2">
      <Field label="Trace, a line for each input" className="w-full">
        {(id) => (
          <textarea
            ref={field}
            id={id}
            rows={6}
            wrap="off"
            spellCheck={false}
            placeholder={"arrived_at_seconds,service_ms\n0.0,250\n0.4,310\n1.1,245"}
            onInput={({ currentTarget }) => onFilled(currentTarget.value !== "")}
            className="w-full rounded-md border border-line-strong bg-surface p-2 font-mono text-xs"
          />
        )}
      </Field>
      <p className="text-ink-faint text-xs">
        Columns: <code>ms[,service_ms]</code>, <code>arrived_at_seconds[,service_ms]</code>, or{" "}
        <code className="[overflow-wrap:anywhere]">TIMESTAMP,ContextTokens,GeneratedTokens</code>. Without service_ms
        inputs run as long as the recorded ones did.
      </p>
      <input
        type="file"
        aria-label="Read the trace from a file"
        accept=".csv,.txt,text/csv,text/plain"
        onChange={({ target }) => void read(target.files?.[0])}
        className="max-w-full text-ink-faint text-xs file:mr-3 file:h-8 file:cursor-pointer file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:font-medium file:text-ink file:text-sm"
      />
    </div>
  );
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
