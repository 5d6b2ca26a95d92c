"use client";
/** Who is signed in, where, and the way out. */
import { useQuery } from "@tanstack/react-query";
import { LogOut, Search } from "lucide-react";
import { doors, paths } from "../../lib/paths.ts";
import type { Theme } from "../../lib/theme.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { IconButton } from "../../ui/button.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { ThemeToggle } from "../../ui/theme-toggle.tsx";
import { openPalette } from "./palette-signal.ts";

export function Account({ theme }: { theme: Theme }) {
  const trpc = useTRPC();
  const { data: user } = useQuery(trpc.auth.me.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }));
  const { data: system } = useQuery(trpc.system.info.queryOptions());
  return (
    <div className="flex flex-col gap-2 border-line border-t pt-3">
      <div className="flex items-center gap-1 pl-2.5">
        <div className="min-w-0 grow">
          <div className="truncate font-medium">{user ? user.name : <Skeleton className="h-4 w-20" />}</div>
          <div className="truncate text-ink-faint text-xs">{user?.role}</div>
        </div>
        <IconButton label="Search and go (Ctrl K)" onClick={openPalette}>
          <Search className="size-4" />
        </IconButton>
        <ThemeToggle initial={theme} />
        <IconButton label="Sign out" onClick={() => void signOut()}>
          <LogOut className="size-4" />
        </IconButton>
      </div>
      {system && (
        <div title={system.driver.reason} className="truncate pl-2.5 text-ink-faint text-xs">
          {system.environment} · {system.driver.name} driver · {system.version}
        </div>
      )}
    </div>
  );
}

async function signOut(): Promise<void> {
  await fetch(doors.session, { method: "DELETE" });
  window.location.assign(paths.signIn());
}
