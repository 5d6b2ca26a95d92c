"use client";
import type { AppRouter } from "@bellows/orchestrator/app-router";
import { QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { ReactNode } from "react";
import { useState } from "react";
import { doors, paths } from "../../lib/paths.ts";
import { createQueryClient } from "../../lib/query-client.ts";
import { TRPCProvider } from "../../lib/trpc.ts";

/** Beyond this a batch is split: servers refuse longer URLs. */
const MAX_URL_LENGTH = 4_000;

export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(() => createQueryClient(goToSignIn));
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: doors.trpc, maxURLLength: MAX_URL_LENGTH })] }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

/** A full load: whatever was shown to the one who was signed in goes with it. */
function goToSignIn(): void {
  const { pathname, search } = window.location;
  window.location.assign(paths.signIn(`${pathname}${search}`));
}
