/** A moment in the reader's own time zone, to the minute; the browser's control, which every keyboard knows. */
import { CONTROL, Field } from "./field.tsx";

export function DateTimeField({
  label,
  valueMs,
  onChange,
}: {
  label: string;
  valueMs: number | undefined;
  onChange: (atMs: number | undefined) => void;
}) {
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="datetime-local"
          value={valueMs === undefined ? "" : localText(valueMs)}
          onChange={({ target }) => onChange(localMs(target.value))}
          className={`${CONTROL} tabular-nums`}
        />
      )}
    </Field>
  );
}

/** `2026-03-01T14:05`, as the control wants it. */
function localText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** A date and time without a zone is read as local. */
function localMs(text: string): number | undefined {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
