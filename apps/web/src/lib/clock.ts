"use client";
/**
 * The present, once a second, for everything on the screen that shows an age: one timer for all of them, none while
 * nothing asks or the page is hidden. The server has no present of its own to show; ages appear in the browser.
 */
import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;
const MINUTE_MS = 60_000;

const listeners = new Set<() => void>();
let nowMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNowMs(): number {
  return useSyncExternalStore(subscribe, current, atServer);
}

/** The begin of this minute, for what must not be asked anew each second. 0 on the server. */
export function useMinuteMs(): number {
  return useSyncExternalStore(subscribe, currentMinute, atServer);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  if (document.hidden) return;
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

/** Constant between ticks, as React asks of a snapshot; fresh when the clock was at rest. */
function current(): number {
  if (timer === undefined || nowMs === 0) nowMs = Date.now();
  return nowMs;
}

function currentMinute(): number {
  const now = current();
  return now - (now % MINUTE_MS);
}

function atServer(): number {
  return 0;
}
