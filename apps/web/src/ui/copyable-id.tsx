/** An id: in full where there is room, by its end where it is one of many. The whole of it is one click away in both. */
import clsx from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";
import { shortId } from "../lib/format.ts";
import { CopyButton } from "./copy-button.tsx";

/** `noun`: what it is the id of, for who hears the button and does not see it. */
export function CopyableId({ id, noun }: { id: string; noun: string }) {
  return (
    <span className="inline-flex min-w-0 items-center">
      <span className="min-w-0 break-all font-mono text-xs">{id}</span>
      <CopyButton text={id} label={`Copy ${noun} id`} className="size-6" />
    </span>
  );
}

/**
 * The end of an id as the way to its thing, and the button beside it. In rows a column of buttons would be noise:
 * there the button appears where the pointer or the focus is, and stays where there is no pointer.
 */
export function IdLink({
  id,
  noun,
  href,
  before,
  children,
  quiet = false,
}: {
  id: string;
  noun: string;
  href: string;
  /** Words before the id that belong to the link. */
  before?: string;
  /** What belongs to the id and stands right after it. */
  children?: ReactNode;
  quiet?: boolean;
}) {
  return (
    <span className="inline-flex max-w-full items-center gap-1 whitespace-nowrap">
      <Link href={href} className={quiet ? "link-quiet" : "link"}>
        {before}
        <span title={id} className="font-mono text-[0.8125rem]">
          {shortId(id)}
        </span>
      </Link>
      {children}
      <CopyButton
        text={id}
        label={`Copy ${noun} id ${shortId(id)}`}
        className={clsx(
          "-my-1 size-6 [li_&]:opacity-0 [td_&]:opacity-0 [@media(hover:none)]:opacity-100!",
          "focus-visible:opacity-100 [li>div:hover_&]:opacity-100 [tr:hover_&]:opacity-100",
        )}
      />
    </span>
  );
}
