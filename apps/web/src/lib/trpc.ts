"use client";
/** The typed door to the API: the same router that the SDK and the CLI use, seen through React Query. */
import type { AppRouter } from "@bellows/orchestrator/app-router";
import { createTRPCContext } from "@trpc/tanstack-react-query";

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();
