"use client";
/**
 * A text that filters. It is passed on when the typing pauses, so that not every letter is a request; Enter passes it
 * on at once. When the text changes elsewhere (the filters are cleared, the reader goes back) the field follows.
 */
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { CONTROL, Field } from "./field.tsx";

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
    <Field label={label} className="grow sm:max-w-72">
      {(id) => (
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
            className={`${CONTROL} w-full pl-8 placeholder:text-ink-faint`}
          />
        </span>
      )}
    </Field>
  );
}
