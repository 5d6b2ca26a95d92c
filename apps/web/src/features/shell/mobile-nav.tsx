"use client";
import { Menu, X } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { IconButton } from "../../ui/button.tsx";
import { Logo } from "./logo.tsx";
import { NavLinks } from "./nav-links.tsx";

/** The sidebar of a narrow screen: a bar with a menu under it. */
export function MobileNav({ footer }: { footer: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="sticky top-0 z-20 border-line border-b bg-ground lg:hidden">
      <div className="flex h-12 items-center justify-between px-4">
        <Logo />
        <IconButton label={open ? "Close menu" : "Open menu"} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <X className="size-5" /> : <Menu className="size-5" />}
        </IconButton>
      </div>
      {open && (
        <nav aria-label="Main" className="flex flex-col gap-3 px-3 pb-3">
          <NavLinks onFollow={() => setOpen(false)} />
          {footer}
        </nav>
      )}
    </div>
  );
}
