"use client";
/** Sets all variables of a secret. Those of one that is there are named and have to be given again: nobody can read them. */
import type { SecretView } from "@bellows/protocol/views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { apiErrorData } from "../../lib/api-error.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { CONTROL, Field } from "../../ui/field.tsx";

interface Row {
  /** Of the row, not of the variable: names may be empty or equal while they are written. */
  id: number;
  variable: string;
  value: string;
}

export function SecretDialog({ secret, onClose }: { secret: SecretView | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState(secret?.name ?? "");
  const [rows, setRows] = useState<Row[]>(() =>
    (secret?.variables ?? [""]).map((variable, id) => ({ id, variable, value: "" })),
  );
  const set = useMutation(
    trpc.secrets.set.mutationOptions({
      // What was typed is forgotten with the dialog, instead of five minutes later.
      gcTime: 0,
      onSuccess: async () => {
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.secrets.pathKey() });
      },
    }),
  );
  const given = rows.filter(({ variable, value }) => variable !== "" || value !== "");
  const complete =
    name !== "" && given.length > 0 && given.every(({ variable, value }) => variable !== "" && value !== "");
  const change = (id: number, changed: Partial<Row>) => {
    set.reset();
    setRows(rows.map((row) => (row.id === id ? { ...row, ...changed } : row)));
  };
  return (
    <ConfirmDialog
      title={secret ? `Replace ${secret.name}` : "New secret"}
      confirm={secret ? "Replace" : "Create"}
      dismiss="Cancel"
      look="primary"
      busy={set.isPending}
      ready={complete}
      onConfirm={() =>
        set.mutate({ name, variables: Object.fromEntries(given.map(({ variable, value }) => [variable, value])) })
      }
      onClose={onClose}
    >
      <div className="flex flex-col gap-3">
        {!secret && (
          <Field label="Name">
            {(id) => (
              <input
                id={id}
                value={name}
                autoComplete="off"
                onChange={({ target }) => setName(target.value)}
                className={CONTROL}
              />
            )}
          </Field>
        )}
        {rows.map(({ id, variable, value }, position) => (
          <div key={id} className="grid grid-cols-2 gap-2">
            <Field label={position === 0 ? "Variable" : `Variable ${position + 1}`}>
              {(fieldId) => (
                <input
                  id={fieldId}
                  value={variable}
                  autoComplete="off"
                  spellCheck={false}
                  onChange={({ target }) => change(id, { variable: target.value })}
                  className={`${CONTROL} font-mono`}
                />
              )}
            </Field>
            <Field label={position === 0 ? "Value" : `Value ${position + 1}`}>
              {(fieldId) => (
                <input
                  id={fieldId}
                  type="password"
                  value={value}
                  autoComplete="new-password"
                  onChange={({ target }) => change(id, { value: target.value })}
                  className={`${CONTROL} font-mono`}
                />
              )}
            </Field>
          </div>
        ))}
        <div>
          <Button
            look="ghost"
            onClick={() =>
              setRows([...rows, { id: Math.max(...rows.map(({ id }) => id)) + 1, variable: "", value: "" }])
            }
          >
            Add a variable
          </Button>
        </div>
        <p>Containers that start from now on have these; those that run keep what they had.</p>
        {set.error && <ErrorPanel error={apiErrorData(set.error)} />}
      </div>
    </ConfirmDialog>
  );
}
