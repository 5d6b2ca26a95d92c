"use client";
/** The call an input is of, who made that call, and the inputs before and after. */
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CornerLeftUp } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount } from "../../lib/format.ts";
import { CALM_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";

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
          <Neighbour label="Previous input" href={index > 0 ? paths.input(callId, index - 1) : undefined}>
            <ChevronLeft aria-hidden className="size-4" />
          </Neighbour>
          <Neighbour label="Next input" href={index < receivedCount - 1 ? paths.input(callId, index + 1) : undefined}>
            <ChevronRight aria-hidden className="size-4" />
          </Neighbour>
        </>
      )}
    </>
  );
}

/** Greyed out where there is none. */
function Neighbour({ label, href, children }: { label: string; href: string | undefined; children: ReactNode }) {
  if (href === undefined) {
    return (
      <Button look="ghost" disabled aria-label={label} title={label}>
        {children}
      </Button>
    );
  }
  return (
    <ButtonLink look="ghost" href={href} aria-label={label} title={label}>
      {children}
    </ButtonLink>
  );
}
