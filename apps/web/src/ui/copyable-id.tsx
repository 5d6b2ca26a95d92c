/** An id: in full where there is room, by its end where it is one of many. The whole of it is one click away in both. */
import clsx from "clsx";
import Link from "next/link";
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
 * The end of an id as the way to its thing, and the button beside it. In lists a column of buttons would be noise:
 * there the button appears where the pointer or the focus is, and stays where there is no pointer.
 */
export function IdLink({
  id,
  noun,
  href,
  before,
  quiet = false,
}: {
  id: string;
  noun: string;
  href: string;
  /** Words before the id that belong to the link. */
  before?: string;
  quiet?: boolean;
}) {
  return (
    <span className="group/id inline-flex max-w-full items-center gap-0.5">
      <Link href={href} className={quiet ? "link-quiet" : "link"}>
        {before}
        <span title={id} className="font-mono text-[0.8125rem]">
          {shortId(id)}
        </span>
      </Link>
      <CopyButton
        text={id}
        label={`Copy ${noun} id ${shortId(id)}`}
        className={clsx(
          "-my-1 size-6 focus-visible:opacity-100 group-hover/id:opacity-100",
          "opacity-0 [tr:hover_&]:opacity-100 [@media(hover:none)]:opacity-100",
        )}
      />
    </span>
  );
}
