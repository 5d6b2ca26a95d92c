"use client";
/** What runs the containers here, and why that: on a host without Docker, what to do and what is missing until then. */
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";

export function DriverNote() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.system.info.queryOptions());
  if (!data) return null;
  const { name, reason } = data.driver;
  return (
    <span className="min-w-0 [overflow-wrap:anywhere]">
      Driver <Tag>{name}</Tag>: {reason}
    </span>
  );
}
