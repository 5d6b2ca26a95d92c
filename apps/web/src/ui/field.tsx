/** A control under its label: one look for whatever filters, and one place that ties the two together. */
import clsx from "clsx";
import type { ReactNode } from "react";
import { useId } from "react";

/** The look of a control with a frame. */
export const CONTROL = "h-8 min-w-0 max-w-full rounded-md border border-line-strong bg-surface px-2 text-sm";

export function Field({
  label,
  className,
  children,
}: {
  label: string;
  className?: string;
  /** Draws the control; it must have this id. */
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <span className={clsx("inline-flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={id} className="text-ink-faint text-xs">
        {label}
      </label>
      {children(id)}
    </span>
  );
}
