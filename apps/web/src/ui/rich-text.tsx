/** A sentence in which `code` stands between backticks. */
export function RichText({ text }: { text: string }) {
  return text.split("`").map((part, position) =>
    position % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
      <code key={position} className="rounded bg-sunken px-1 py-px font-mono text-[0.85em] text-ink">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
