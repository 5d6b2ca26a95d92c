"use client";
/** Where a trace is pasted or read from a file, with the forms it may have. */
import type { RefObject } from "react";
import { Field } from "../../ui/field.tsx";

/** Traces are long: the text stays in the field, and React hears only that it changed, and whether there is any. */
export function TraceField({
  field,
  onChanged,
}: {
  field: RefObject<HTMLTextAreaElement | null>;
  onChanged: (filled: boolean) => void;
}) {
  const read = async (file: File | undefined) => {
    if (!file || !field.current) return;
    field.current.value = await file.text();
    onChanged(field.current.value !== "");
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
            onInput={({ currentTarget }) => onChanged(currentTarget.value !== "")}
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
