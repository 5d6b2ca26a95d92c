import type { Look } from "../lib/status.tsx";
import { Select } from "./select.tsx";

/** One state out of all that a kind of thing can be in, under the words that its badges have. */
export function StateSelect<State extends string>({
  states,
  looks,
  value,
  onChange,
}: {
  states: readonly State[];
  looks: Record<State, Look>;
  /** Undefined: any. */
  value: State | undefined;
  onChange: (state: State | undefined) => void;
}) {
  return (
    <Select
      label="State"
      any="Any state"
      value={value ?? ""}
      options={states.map((state) => ({ value: state, label: looks[state].label }))}
      onChange={onChange}
    />
  );
}
