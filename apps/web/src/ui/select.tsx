import { useId } from "react";

/** One choice of a filter; the browser's own control, which every keyboard and phone knows. */
export function Select<Value extends string>({
  label,
  value,
  any,
  options,
  onChange,
}: {
  label: string;
  value: Value | "";
  /** The choice that filters nothing. */
  any: string;
  options: readonly { value: Value; label: string }[];
  /** Undefined: any. */
  onChange: (value: Value | undefined) => void;
}) {
  const id = useId();
  return (
    <span className="inline-flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-ink-faint text-xs">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={({ target }) => onChange(options.find((option) => option.value === target.value)?.value)}
        className="h-8 min-w-0 max-w-full rounded-md border border-line-strong bg-surface px-2 text-sm"
      >
        <option value="">{any}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </span>
  );
}
