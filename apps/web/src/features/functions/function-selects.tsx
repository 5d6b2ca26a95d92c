"use client";
/** Choosing an app, and then one of its functions. */
import { LIMITS } from "@bellows/protocol/limits";
import { skipToken, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../lib/trpc.ts";
import { Select } from "../../ui/select.tsx";

export function FunctionSelects({
  app,
  function: name,
  onChange,
}: {
  app: string;
  function: string;
  onChange: (chosen: { app: string | undefined; function: string | undefined }) => void;
}) {
  const trpc = useTRPC();
  const apps = useQuery(trpc.apps.list.queryOptions({ limit: LIMITS.pageRows, includeStopped: true }));
  const appId = apps.data?.items.find((candidate) => candidate.name === app)?.id;
  const functions = useQuery(
    trpc.functions.list.queryOptions(appId === undefined ? skipToken : { appId, limit: LIMITS.pageRows }),
  );
  return (
    <>
      <Select
        label="App"
        any="Any app"
        value={app}
        options={optionsWith(app, apps.data?.items)}
        onChange={(chosen) => onChange({ app: chosen, function: undefined })}
      />
      {app !== "" && (
        <Select
          label="Function"
          any="Any function"
          value={name}
          options={optionsWith(name, functions.data?.items)}
          onChange={(chosen) => onChange({ app, function: chosen })}
        />
      )}
    </>
  );
}

/** The names to choose from; the one chosen is among them even before the list is there. */
function optionsWith(chosen: string, items: readonly { name: string }[] | undefined) {
  const names = new Set((items ?? []).map((item) => item.name));
  if (chosen !== "") names.add(chosen);
  return [...names].sort().map((name) => ({ value: name, label: name }));
}
