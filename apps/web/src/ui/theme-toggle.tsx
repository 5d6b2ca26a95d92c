"use client";
/** Changes the theme. What holds is an attribute of the document, so every toggle on the page shows the same. */
import { Monitor, Moon, Sun } from "lucide-react";
import { useSyncExternalStore } from "react";
import type { Theme } from "../lib/theme.ts";
import { nextTheme, parseTheme, themeCookie } from "../lib/theme.ts";
import { IconButton } from "./button.tsx";

const ICONS: Record<Theme, typeof Sun> = { system: Monitor, light: Sun, dark: Moon };

export function ThemeToggle({ initial }: { initial: Theme }) {
  const theme = useSyncExternalStore(subscribe, current, () => initial);
  const next = nextTheme(theme);
  const Icon = ICONS[theme];
  const toggle = () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we support
    document.cookie = themeCookie(next);
    document.documentElement.dataset.theme = next;
  };
  return (
    <IconButton label={`Theme: ${theme}. Change to ${next}`} onClick={toggle}>
      <Icon aria-hidden className="size-4" />
    </IconButton>
  );
}

function current(): Theme {
  return parseTheme(document.documentElement.dataset.theme);
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
