/**
 * What a query has: its answer, or an error where there is no answer, or the shape of what will come. An answer once
 * given stays on the screen when a later request fails; while the orchestrator is away the banner says so, and what
 * was never loaded stays a shape.
 */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { apiErrorData, isAway, isSignedOut } from "../lib/api-error.ts";
import { ErrorPanel } from "./error-panel.tsx";

export function Loaded<Data>({
  query,
  skeleton,
  children,
}: {
  query: Pick<UseQueryResult<Data, unknown>, "data" | "error">;
  skeleton: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error && !isAway(query.error) && !isSignedOut(query.error)) {
    return <ErrorPanel error={apiErrorData(query.error)} />;
  }
  return skeleton;
}
