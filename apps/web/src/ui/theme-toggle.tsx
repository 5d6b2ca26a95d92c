"use client";
import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import type { Theme } from "../lib/theme.ts";
import { nextTheme, themeCookie } from "../lib/theme.ts";
import { IconButton } from "./button.tsx";

const ICONS: Record<Theme, typeof Sun> = { system: Monitor, light: Sun, dark: Moon };

export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const Icon = ICONS[theme];
  const toggle = () => {
    const next = nextTheme(theme);
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we support
    document.cookie = themeCookie(next);
    document.documentElement.dataset.theme = next;
    setTheme(next);
  };
  return (
    <IconButton label={`Theme: ${theme}. Change to ${nextTheme(theme)}`} onClick={toggle}>
      <Icon className="size-4" />
    </IconButton>
  );
}
