"use client";
/** Go anywhere by name: rooms, apps, functions, or the call or container of a pasted id. */
import { endOfId, isId, parseInputId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useState } from "react";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ROOMS } from "./navigation.ts";
import { onOpenPalette } from "./palette-signal.ts";
import { useShortcuts } from "./use-shortcuts.ts";

export function CommandPalette() {
  const [open, setOpen] = useState(false);
  useEffect(() => onOpenPalette(() => setOpen(true)), []);
  const show = useCallback(() => setOpen(true), []);
  useShortcuts(show);
  return (
    <Command.Dialog
      open={open}
      onOpenChange={setOpen}
      label="Go to"
      overlayClassName="fixed inset-0 z-30 bg-black/45"
      contentClassName="fixed top-[12vh] left-1/2 z-40 w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-xl"
    >
      {open && <Choices close={() => setOpen(false)} />}
    </Command.Dialog>
  );
}

function Choices({ close }: { close: () => void }) {
  const router = useRouter();
  const trpc = useTRPC();
  const [search, setSearch] = useState("");
  const { data: apps } = useQuery(trpc.apps.list.queryOptions({ limit: LIMITS.pageRows }));
  const { data: functions } = useQuery(trpc.functions.list.queryOptions({ limit: LIMITS.pageRows }));
  const go = (href: string) => {
    close();
    router.push(href);
  };
  return (
    <>
      <Command.Input
        autoFocus
        value={search}
        onValueChange={setSearch}
        placeholder="App, function, id or its end"
        className="h-11 w-full border-line border-b bg-transparent px-4 outline-none placeholder:text-ink-faint"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-4 text-ink-faint">Nothing has this name.</Command.Empty>
        {targetsOf(search.trim()).map(({ label, href }) => (
          <Choice key={href} label={label} value={`${label} ${search}`} onSelect={() => go(href)} />
        ))}
        {ROOMS.map(({ label, href }) => (
          <Choice key={href} label={label} hint="Page" value={label} onSelect={() => go(href)} />
        ))}
        {apps?.items.map(({ id, name }) => (
          <Choice key={id} label={name} hint="App" value={`app ${name} ${id}`} onSelect={() => go(paths.app(name))} />
        ))}
        {functions?.items.map(({ id, name, appName }) => (
          <Choice
            key={id}
            label={`${appName} / ${name}`}
            hint="Function"
            value={`function ${appName} ${name} ${id}`}
            onSelect={() => go(paths.function({ app: appName, function: name }))}
          />
        ))}
      </Command.List>
    </>
  );
}

function Choice({
  label,
  hint,
  value,
  onSelect,
}: {
  label: string;
  hint?: string;
  value: string;
  onSelect: () => void;
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex cursor-pointer items-center justify-between gap-3 rounded-md px-2.5 py-2 data-[selected=true]:bg-sunken"
    >
      <span className="truncate">{label}</span>
      {hint && <span className="shrink-0 text-ink-faint text-xs">{hint}</span>}
    </Command.Item>
  );
}

/** A whole id does not say of what it is, so it leads to either; an input's id says it. An end of one has to be looked for. */
function targetsOf(text: string): { label: string; href: string }[] {
  const input = parseInputId(text);
  if (input) return [{ label: `Input ${input.index} of this call`, href: paths.input(input.callId, input.index) }];
  if (isId(text)) {
    return [
      { label: "Call with this id", href: paths.call(text) },
      { label: "Container with this id", href: paths.container(text) },
    ];
  }
  return endOfId(text) ? [{ label: "Calls with this id", href: paths.calls({ search: text }) }] : [];
}
