import clsx from "clsx";
import Link from "next/link";
import type { ComponentProps } from "react";

type Look = "primary" | "plain" | "danger" | "ghost";

const LOOKS: Record<Look, string> = {
  primary: "border-transparent bg-ink text-ground hover:opacity-90",
  plain: "border-line-strong bg-surface text-ink hover:bg-sunken",
  danger: "border-bad/50 bg-surface text-bad hover:bg-bad/10",
  ghost: "border-transparent bg-transparent text-ink-soft hover:bg-sunken hover:text-ink",
};

const SHAPE =
  "inline-flex h-8 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border px-3 font-medium text-sm disabled:cursor-not-allowed disabled:opacity-50";

export function Button({ look = "plain", className, ...rest }: ComponentProps<"button"> & { look?: Look }) {
  return <button type="button" className={clsx(SHAPE, LOOKS[look], className)} {...rest} />;
}

export function ButtonLink({ look = "plain", className, ...rest }: ComponentProps<typeof Link> & { look?: Look }) {
  return <Link className={clsx(SHAPE, LOOKS[look], className)} {...rest} />;
}

/** A square button that shows only an icon; its label is for screen readers and on hover. */
export function IconButton({
  label,
  className,
  ...rest
}: Omit<ComponentProps<"button">, "aria-label"> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={clsx(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink",
        className,
      )}
      {...rest}
    />
  );
}
