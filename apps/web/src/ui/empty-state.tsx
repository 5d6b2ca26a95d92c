/** Nothing to list: says why, and what to do next. A command is shown ready to be copied. */
import type { ReactNode } from "react";
import { Command } from "./code-block.tsx";

export function EmptyState({ title, children, command }: { title: string; children?: ReactNode; command?: string }) {
  return (
    <div className="flex flex-col items-start gap-2 px-4 py-5">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-ink-soft">{children}</div>}
      {command && <Command text={command} />}
    </div>
  );
}
