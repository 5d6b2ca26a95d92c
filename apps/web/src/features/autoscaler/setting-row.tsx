"use client";
/** One setting: what holds, where it comes from, and a field to write another value into. */
import type { AutoscalerSetting } from "@bellows/protocol/autoscaler-settings";
import type { EffectiveSettings } from "@bellows/protocol/views";
import clsx from "clsx";
import { useId } from "react";
import { Button } from "../../ui/button.tsx";
import type { Draft } from "./drafts.ts";
import { draftOf, draftProblem } from "./drafts.ts";
import { LayerBadge, SetBy } from "./layer-badge.tsx";
import { editedText, SETTING_TEXTS, settingText } from "./setting-texts.ts";

interface SettingRowProps {
  setting: AutoscalerSetting;
  current: EffectiveSettings;
  draft: Draft | undefined;
  /** False for readers. */
  editable: boolean;
  onDraft: (draft: Draft | undefined) => void;
}

export function SettingRow({ setting, current, draft, editable, onDraft }: SettingRowProps) {
  const { option, meaning } = SETTING_TEXTS[setting];
  const fieldId = useId();
  const effective = current[setting];
  return (
    <li
      className={clsx(
        "grid gap-x-6 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,1fr)_16rem_15rem] md:items-center",
        draft && "bg-info/5",
      )}
    >
      <div className="min-w-0">
        {editable ? (
          <label htmlFor={fieldId} className="font-medium font-mono text-[0.8125rem]">
            {option}
          </label>
        ) : (
          <span className="font-medium font-mono text-[0.8125rem]">{option}</span>
        )}
        <p className="text-ink-soft">{meaning}</p>
      </div>
      <div className="min-w-0">
        {editable ? (
          <SettingField id={fieldId} setting={setting} current={current} draft={draft} onDraft={onDraft} />
        ) : (
          <span className="font-semibold tabular-nums">{settingText(setting, effective.value)}</span>
        )}
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        <LayerBadge layer={effective.layer} />
        <SetBy setting={effective} />
      </div>
    </li>
  );
}

type FieldProps = Pick<SettingRowProps, "setting" | "current" | "draft" | "onDraft"> & { id: string };

function SettingField({ id, setting, current, draft, onDraft }: FieldProps) {
  const effective = current[setting];
  const problem = draft && draftProblem(setting, draft);
  const isReset = draft?.to === "code";
  return (
    <>
      <span className="flex items-center gap-2">
        <input
          id={id}
          autoComplete="off"
          spellCheck={false}
          disabled={isReset}
          value={draft?.to === "value" ? draft.text : isReset ? "" : editedText(setting, effective.value)}
          placeholder={isReset ? "as in code" : undefined}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : `${id}-problem`}
          onChange={({ target }) => onDraft(draftOf(setting, target.value, current))}
          className={clsx(
            "h-8 w-24 shrink-0 rounded-md border bg-surface px-2 text-right text-sm tabular-nums disabled:bg-sunken disabled:text-ink-faint",
            problem === undefined ? "border-line-strong" : "border-bad",
          )}
        />
        {draft && (
          <>
            <span className="whitespace-nowrap text-ink-faint text-xs tabular-nums">
              was {settingText(setting, effective.value)}
            </span>
            <Button look="ghost" onClick={() => onDraft(undefined)}>
              Undo
            </Button>
          </>
        )}
        {!draft && effective.layer === "override" && (
          <Button look="ghost" title="Take the override back" onClick={() => onDraft({ to: "code" })}>
            Reset to code
          </Button>
        )}
      </span>
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="mt-1 text-bad text-xs">
          {problem}
        </p>
      )}
      {draft && effective.layer === "policy" && (
        <p className="mt-1 text-ink-faint text-xs">A scaling policy holds over it; it counts when the policy ends.</p>
      )}
    </>
  );
}
