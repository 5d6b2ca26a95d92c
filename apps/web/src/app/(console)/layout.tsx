import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Account } from "../../features/shell/account.tsx";
import { CommandPalette } from "../../features/shell/command-palette.tsx";
import { ConnectionBanner } from "../../features/shell/connection-banner.tsx";
import { Logo } from "../../features/shell/logo.tsx";
import { MobileNav } from "../../features/shell/mobile-nav.tsx";
import { NavLinks } from "../../features/shell/nav-links.tsx";
import { Providers } from "../../features/shell/providers.tsx";
import { parseTheme, THEME_COOKIE } from "../../lib/theme.ts";

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const theme = parseTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <Providers>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-2">
        Skip to content
      </a>
      <div className="lg:grid lg:grid-cols-[14rem_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh flex-col gap-5 border-line border-r p-3 lg:flex">
          <div className="px-2.5 pt-2">
            <Logo />
          </div>
          <nav aria-label="Main" className="grow">
            <NavLinks />
          </nav>
          <Account theme={theme} />
        </aside>
        <div className="min-w-0">
          <MobileNav footer={<Account theme={theme} />} />
          <ConnectionBanner />
          <main id="main" className="mx-auto w-full max-w-7xl px-4 py-5 lg:px-8 lg:py-6">
            {children}
          </main>
        </div>
      </div>
      <CommandPalette />
    </Providers>
  );
}
