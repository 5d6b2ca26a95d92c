"use client";
/** Jumps to an input by its index: the list goes on from there. */
import type { CallView } from "@bellows/protocol/call-views";
import type { InputState } from "@bellows/protocol/states";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatCount } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/button.tsx";
import { CONTROL, Field } from "../../ui/field.tsx";

export function GoToInput({ call, state }: { call: CallView; state: InputState | undefined }) {
  const router = useRouter();
  const [index, setIndex] = useState("");
  const last = call.receivedCount - 1;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (index !== "") router.push(paths.call(call.id, { state, from: Number(index) }), { scroll: false });
      }}
    >
      <Field label="Go to input">
        {(id) => (
          <span className="flex gap-1.5">
            <input
              id={id}
              type="number"
              inputMode="numeric"
              min={0}
              max={last}
              step={1}
              value={index}
              placeholder={`0 to ${formatCount(last)}`}
              onChange={({ target }) => setIndex(target.value)}
              className={`${CONTROL} w-36 tabular-nums placeholder:text-ink-faint`}
            />
            <Button type="submit">Go</Button>
          </span>
        )}
      </Field>
    </form>
  );
}
