/**
 * How the console asks: no retries of its own, because whatever matters is asked again a second later; old answers
 * stay on the screen while the orchestrator is away; a token that is no longer good leads to the sign-in page.
 */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isSignedOut } from "./api-error.ts";

export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // The browser's idea of being offline is about the internet; the orchestrator may be on this machine.
      queries: { retry: false, networkMode: "always", refetchOnWindowFocus: true },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
