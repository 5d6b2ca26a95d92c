"use client";
/** One limit: its value to be edited, its default to go back to. What is wrong is said at the field. */
import { ENVIRONMENT_LIMITS } from "@bellows/protocol/limits";
import type { LimitsView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import type { FormEvent } from "react";
import { useId, useState } from "react";
import { apiErrorData } from "../../lib/api-error.ts";
import { formatCount } from "../../lib/format.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import type { LimitName } from "./limit-texts.ts";
import { LIMIT_TEXTS, limitProblem } from "./limit-texts.ts";

export function LimitRow({ name, view, editable }: { name: LimitName; view: LimitsView; editable: boolean }) {
  const { unit, meaning } = LIMIT_TEXTS[name];
  const bounds = ENVIRONMENT_LIMITS[name];
  const value = view.limits[name];
  const isSet = view.set.includes(name);
  const fieldId = useId();
  return (
    <li className="grid gap-x-6 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
      <div className="min-w-0">
        {editable ? (
          <label htmlFor={fieldId} className="font-medium font-mono text-[0.8125rem]">
            {name}
          </label>
        ) : (
          <span className="font-medium font-mono text-[0.8125rem]">{name}</span>
        )}
        <span className="ml-2 text-ink-faint text-xs">{unit}</span>
        <p className="text-ink-soft">{meaning}</p>
      </div>
      <div className="min-w-0">
        {editable ? (
          <LimitForm id={fieldId} name={name} view={view} />
        ) : (
          <span className="font-semibold tabular-nums">{formatCount(value)}</span>
        )}
        <p className="mt-1 text-ink-faint text-xs tabular-nums">
          {isSet ? `Set here. Default ${formatCount(bounds.default)}` : "Default"}; may be {formatCount(bounds.min)} to{" "}
          {formatCount(bounds.max)}.
        </p>
      </div>
    </li>
  );
}

function LimitForm({ id, name, view }: { id: string; name: LimitName; view: LimitsView }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const value = view.limits[name];
  const [text, setText] = useState(String(value));
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // Saved here or set by somebody else: what was typed for the old value is of no use.
    setKnown(value);
    setText(String(value));
  }
  const set = useMutation(
    trpc.limits.set.mutationOptions({
      onSuccess: (changed) => queryClient.setQueryData(trpc.limits.get.queryKey({}), changed),
    }),
  );
  const changed = text.trim() !== String(value);
  const problem = changed ? limitProblem(name, text) : undefined;
  const error = problem ?? (set.error ? apiErrorData(set.error).message : undefined);
  const change = (limit: number | null) => set.mutate({ environment: view.environment, limits: { [name]: limit } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed && !problem) change(Number(text));
  };
  return (
    <form onSubmit={submit}>
      <span className="flex flex-wrap items-center gap-2">
        <input
          id={id}
          inputMode="numeric"
          autoComplete="off"
          value={text}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          onChange={({ target }) => {
            set.reset();
            setText(target.value);
          }}
          className={clsx(
            "h-8 w-36 rounded-md border bg-surface px-2 text-right text-sm tabular-nums",
            error === undefined ? "border-line-strong" : "border-bad",
          )}
        />
        {changed && (
          <>
            <Button type="submit" look="primary" disabled={problem !== undefined || set.isPending}>
              Save
            </Button>
            <Button
              look="ghost"
              onClick={() => {
                set.reset();
                setText(String(value));
              }}
            >
              Undo
            </Button>
          </>
        )}
        {!changed && view.set.includes(name) && (
          <Button disabled={set.isPending} onClick={() => change(null)}>
            Reset to default
          </Button>
        )}
        {!changed && set.isSuccess && (
          <span role="status" className="text-good">
            Saved
          </span>
        )}
      </span>
      {error !== undefined && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-bad">
          {error}
        </p>
      )}
    </form>
  );
}
