/** An error in full: code, message, what to do, the stack, and what caused it. */
import type { ErrorData } from "@bellows/protocol/errors";
import { ERROR_ADVICE } from "../lib/error-advice.ts";
import { CodeBlock } from "./code-block.tsx";
import { RichText } from "./rich-text.tsx";
import { TONE_PANEL } from "./tones.ts";

export function ErrorPanel({
  error,
  advice = ERROR_ADVICE[error.code],
  actions,
}: {
  error: ErrorData;
  /** Where the code alone does not say what to do. */
  advice?: string;
  actions?: React.ReactNode;
}) {
  return (
    <div role="alert" className={`min-w-0 rounded-lg border p-4 ${TONE_PANEL.bad}`}>
      <ErrorHead error={error} />
      <p className="mt-2 max-w-prose text-ink-soft">
        <RichText text={advice} />
      </p>
      {actions && <div className="mt-3">{actions}</div>}
    </div>
  );
}

/** How an input ended: the same, with the stack and the chain of causes. Advice is given once, for the outermost. */
export function ErrorReport({ error, advice = true }: { error: ErrorData; advice?: boolean }) {
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div>
        <ErrorHead error={error} />
        {advice && (
          <p className="mt-1 max-w-prose text-ink-soft">
            <RichText text={ERROR_ADVICE[error.code]} />
          </p>
        )}
      </div>
      {error.stack && <CodeBlock text={error.stack} label="Stack" />}
      {error.cause && (
        <div className="min-w-0 border-line-strong border-l-2 pl-3">
          <p className="mb-1 text-ink-faint text-xs">Caused by</p>
          <ErrorReport error={error.cause} advice={false} />
        </div>
      )}
    </div>
  );
}

/** What happened, in a line or two. */
export function ErrorHead({ error }: { error: ErrorData }) {
  return (
    <p className="font-medium [overflow-wrap:anywhere]">
      <span className="mr-2 font-mono text-bad text-xs">{error.code}</span>
      {error.code === "REMOTE" && error.name ? `${error.name}: ` : ""}
      {error.message}
    </p>
  );
}
