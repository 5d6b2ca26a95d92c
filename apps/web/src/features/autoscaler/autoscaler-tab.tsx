"use client";
/** How a function is scaled: each setting with where it comes from, edited in place, tried out and reviewed before it holds. */
import type { AutoscalerSetting } from "@bellows/protocol/autoscaler-settings";
import type { AutoscalerView, FunctionView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { isFinishedApp } from "../../lib/actions.ts";
import { plural } from "../../lib/format.ts";
import { CALM_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Button } from "../../ui/button.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Section } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { Draft, Drafts } from "./drafts.ts";
import { draftProblem, draftsProblem } from "./drafts.ts";
import { PreviewSection } from "./preview-section.tsx";
import { ReviewDialog } from "./review-dialog.tsx";
import { SettingRow } from "./setting-row.tsx";
import { SETTINGS } from "./setting-texts.ts";

export function AutoscalerTab({ fn }: { fn: FunctionView }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.functions.autoscaler.queryOptions({ id: fn.id }, { refetchInterval: CALM_MS }));
  return (
    <Loaded query={query} skeleton={<RowsSkeleton rows={SETTINGS.length} />}>
      {(view) => <Editor key={fn.id} fn={fn} view={view} />}
    </Loaded>
  );
}

function Editor({ fn, view }: { fn: FunctionView; view: AutoscalerView }) {
  const { mayChange } = useRights();
  const [drafts, setDrafts] = useState<Drafts>({});
  const [reviewing, setReviewing] = useState(false);
  const [saved, setSaved] = useState(false);
  const editable = mayChange && fn.deployed;
  const change = (setting: AutoscalerSetting, draft: Draft | undefined) => {
    const { [setting]: _, ...others } = drafts;
    setSaved(false);
    setDrafts(draft ? { ...others, [setting]: draft } : others);
  };
  const good = SETTINGS.every((setting) => isGood(setting, drafts[setting]));
  const problem = draftsProblem(drafts, view.settings, fn.settings.maxInputs);
  return (
    <div className="flex flex-col gap-6">
      <Section title="Autoscaler" count={editable ? undefined : readOnlyText(fn)}>
        <ul aria-label="Settings of the autoscaler" className="divide-y divide-line">
          {SETTINGS.map((setting) => (
            <SettingRow
              key={setting}
              setting={setting}
              current={view.settings}
              draft={drafts[setting]}
              editable={editable}
              onDraft={(draft) => change(setting, draft)}
            />
          ))}
        </ul>
        {editable && (
          <SaveBar
            drafts={drafts}
            problem={problem}
            good={good}
            saved={saved}
            onReview={() => setReviewing(true)}
            onDiscard={() => setDrafts({})}
          />
        )}
      </Section>
      <PreviewSection fn={fn} current={view.settings} drafts={drafts} ready={good && problem === undefined} />
      {reviewing && (
        <ReviewDialog
          view={view}
          drafts={drafts}
          onSaved={() => {
            setDrafts({});
            setSaved(true);
          }}
          onClose={() => setReviewing(false)}
        />
      )}
    </div>
  );
}

function SaveBar({
  drafts,
  problem,
  good,
  saved,
  onReview,
  onDiscard,
}: {
  drafts: Drafts;
  problem: string | undefined;
  /** Each of them by itself. */
  good: boolean;
  saved: boolean;
  onReview: () => void;
  onDiscard: () => void;
}) {
  const count = Object.keys(drafts).length;
  return (
    <div className="flex min-h-13 flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-b-lg border-line border-t bg-sunken/60 px-4 py-2.5">
      {problem !== undefined ? (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      ) : saved ? (
        <p role="status" className="text-good">
          Saved
        </p>
      ) : (
        <p className="text-ink-faint">
          {count === 0
            ? "Changes hold until the next deploy; what the code says is not touched."
            : plural(count, "change")}
        </p>
      )}
      {count > 0 && (
        <span className="ml-auto flex gap-2">
          <Button look="ghost" onClick={onDiscard}>
            Discard
          </Button>
          <Button look="primary" disabled={!good || problem !== undefined} onClick={onReview}>
            Review and save
          </Button>
        </span>
      )}
    </div>
  );
}

function isGood(setting: AutoscalerSetting, draft: Draft | undefined): boolean {
  return draft === undefined || draftProblem(setting, draft) === undefined;
}

function readOnlyText({ appState, deployed }: FunctionView): string {
  if (isFinishedApp(appState)) return "its app is stopped";
  return deployed ? "editors and up may change it" : "a deploy has removed it";
}
