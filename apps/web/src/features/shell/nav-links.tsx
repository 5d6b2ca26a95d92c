"use client";
import clsx from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { isInRoom, ROOMS } from "./navigation.ts";

export function NavLinks({ onFollow }: { onFollow?: () => void }) {
  const pathname = usePathname();
  return (
    <ul className="flex flex-col gap-0.5">
      {ROOMS.map((room) => {
        const here = isInRoom(room, pathname);
        return (
          <li key={room.href}>
            <Link
              href={room.href}
              onClick={() => onFollow?.()}
              aria-current={here ? "page" : undefined}
              className={clsx(
                "group flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium",
                here ? "bg-line/70 text-ink" : "text-ink-soft hover:bg-line/40 hover:text-ink",
              )}
            >
              <room.icon aria-hidden className="size-4" />
              {room.label}
              <kbd
                aria-hidden
                className="ml-auto hidden font-mono text-ink-faint text-xs group-hover:inline group-focus-visible:inline"
              >
                g {room.key}
              </kbd>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
