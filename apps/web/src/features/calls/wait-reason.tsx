"use client";
/** Why a call that runs does not move: what its function says, loud when nothing will move until somebody acts. */
import type { CallView } from "@bellows/protocol/call-views";
import { useQuery } from "@tanstack/react-query";
import { LIVE_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { standstillOf } from "../functions/standstill.ts";
import { StandstillPanel } from "../functions/standstill-panel.tsx";

export function WaitReason({ call, reason }: { call: CallView; reason: string }) {
  const trpc = useTRPC();
  const { data: fn } = useQuery(trpc.functions.get.queryOptions({ id: call.functionId }, { refetchInterval: LIVE_MS }));
  if (fn && standstillOf(fn.stats)) return <StandstillPanel fn={fn} />;
  return (
    <p className="text-ink-soft">
      <span className="text-wait">Waiting:</span> {reason}
    </p>
  );
}
