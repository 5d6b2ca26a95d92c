import { CopyButton } from "./copy-button.tsx";

/** A value, a stack, a file: scrolls in its own box, never widens the page. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="group relative min-w-0">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-md bg-sunken p-3 pr-10"
      >
        <pre className="whitespace-pre-wrap break-words font-mono text-xs leading-relaxed">{text}</pre>
      </section>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} className="absolute top-1 right-1 size-7" />
    </div>
  );
}

/** One command to run in a shell. */
export function Command({ text }: { text: string }) {
  return (
    <div className="flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken py-0.5 pr-0.5 pl-3">
      <code className="min-w-0 overflow-x-auto whitespace-nowrap font-mono text-xs">
        <span aria-hidden className="select-none text-ink-faint">
          ${" "}
        </span>
        {text}
      </code>
      <CopyButton text={text} label="Copy command" className="size-7" />
    </div>
  );
}
