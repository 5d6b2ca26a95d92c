/** An id, short enough for a line; the whole of it is on hover and in the clipboard. */
import { shortId } from "../lib/format.ts";
import { CopyButton } from "./copy-button.tsx";

export function ShortId({ id }: { id: string }) {
  return (
    <span title={id} className="font-mono text-[0.8125rem]">
      {shortId(id)}
    </span>
  );
}

export function CopyableId({ id, label }: { id: string; label: string }) {
  return (
    <span className="inline-flex min-w-0 items-center">
      <span className="min-w-0 break-all font-mono text-xs">{id}</span>
      <CopyButton text={id} label={`Copy ${label}`} className="size-6" />
    </span>
  );
}
