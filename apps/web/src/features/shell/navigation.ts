/** The rooms of the console: their order, their keys, their icons. The sidebar, the palette and the shortcuts read it. */
import type { LucideIcon } from "lucide-react";
import { Boxes, Gauge, KeyRound, Layers, ListTree, Package, Settings } from "lucide-react";
import { paths } from "../../lib/paths.ts";

export interface Room {
  label: string;
  href: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
}

export const ROOMS: readonly Room[] = [
  { label: "Overview", href: paths.overview(), icon: Gauge, key: "o" },
  { label: "Apps", href: paths.apps(), icon: Layers, key: "a" },
  { label: "Calls", href: paths.calls(), icon: ListTree, key: "c" },
  { label: "Containers", href: paths.containers(), icon: Boxes, key: "n" },
  { label: "Images", href: paths.images(), icon: Package, key: "i" },
  { label: "Secrets", href: paths.secrets(), icon: KeyRound, key: "e" },
  { label: "Settings", href: paths.settings(), icon: Settings, key: "s" },
];

/** The overview is a room of its own, not the parent of all others. */
export function isInRoom(room: Room, pathname: string): boolean {
  if (room.href === paths.overview()) return pathname === room.href;
  return pathname === room.href || pathname.startsWith(`${room.href}/`);
}
