"use client";
/**
 * A text that filters. It is passed on when the typing pauses, so that not every letter is a request; Enter passes it
 * on at once. When the text changes elsewhere (the filters are cleared, the reader goes back) the field follows.
 */
import { Search } from "lucide-react";
import { useEffect, useId, useState } from "react";

const PAUSE_MS = 250;

export function SearchField({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    // What was typed on since is newer than the value that it led to.
    if (value !== typed.trim()) setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <span className="inline-flex min-w-0 grow flex-col gap-1 sm:max-w-72">
      <label htmlFor={id} className="text-ink-faint text-xs">
        {label}
      </label>
      <span className="relative">
        <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-faint" />
        <input
          id={id}
          type="search"
          value={typed}
          placeholder={placeholder}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={({ key }) => {
            if (key === "Enter") onChange(typed.trim());
          }}
          className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 text-sm placeholder:text-ink-faint"
        />
      </span>
    </span>
  );
}
