import { CONTROL, Field } from "./field.tsx";

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
  return (
    // Two to a line on a narrow screen.
    <Field label={label} className="min-w-[calc(50%-0.5rem)] max-w-full grow sm:min-w-0 sm:grow-0">
      {(id) => (
        <select
          id={id}
          value={value}
          onChange={({ target }) => onChange(options.find((option) => option.value === target.value)?.value)}
          // As wide as its longest choice, but a long name of one app must not push the other filters away.
          className={`${CONTROL} w-full sm:w-auto sm:max-w-56`}
        >
          <option value="">{any}</option>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
