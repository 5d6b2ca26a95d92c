"use client";
/** The call an input is of, who made that call, and the inputs before and after. */
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CornerLeftUp } from "lucide-react";
import { formatCount } from "../../lib/format.ts";
import { CALM_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ButtonLink } from "../../ui/button.tsx";

export function InputNeighbours({ callId, index }: { callId: string; index: number }) {
  const trpc = useTRPC();
  const { data: call } = useQuery(trpc.calls.get.queryOptions({ id: callId }, { staleTime: CALM_MS }));
  if (!call) return null;
  const { parent, receivedCount } = call;
  return (
    <>
      {parent && (
        <ButtonLink href={paths.input(parent.callId, parent.index)} title="The input whose code made this call">
          <CornerLeftUp aria-hidden className="size-4" />
          Made by input #{formatCount(parent.index)}
        </ButtonLink>
      )}
      {receivedCount > 1 && (
        <>
          <ButtonLink
            look="ghost"
            href={paths.input(callId, Math.max(0, index - 1))}
            aria-disabled={index === 0}
            aria-label="Previous input"
            title="Previous input"
          >
            <ChevronLeft aria-hidden className="size-4" />
          </ButtonLink>
          <ButtonLink
            look="ghost"
            href={paths.input(callId, Math.min(receivedCount - 1, index + 1))}
            aria-disabled={index >= receivedCount - 1}
            aria-label="Next input"
            title="Next input"
          >
            <ChevronRight aria-hidden className="size-4" />
          </ButtonLink>
        </>
      )}
    </>
  );
}
