"use client";
/** `g a`, `g c`, ... go to a room; Ctrl K or ⌘ K opens the palette. Never while something is being typed. */
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import type { Pending } from "../../lib/key-sequence.ts";
import { nextKey } from "../../lib/key-sequence.ts";
import { ROOMS } from "./navigation.ts";

const TARGETS: ReadonlyMap<string, string> = new Map(ROOMS.map((room) => [room.key, room.href]));

export function useShortcuts(openPalette: () => void): void {
  const router = useRouter();
  useEffect(() => {
    let pending: Pending | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (isTyping(event.target)) return;
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      const step = nextKey(pending, { key: event.key, modified, atMs: event.timeStamp }, TARGETS);
      pending = step.pending;
      if (step.go !== undefined) router.push(step.go);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [router, openPalette]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, dialog, [role=dialog]") !== null)
  );
}
