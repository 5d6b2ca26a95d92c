import type { Metadata } from "next";
import { SignIn } from "../../features/sign-in/sign-in.tsx";
import { safeNext } from "../../lib/paths.ts";

export const metadata: Metadata = { title: "Sign in", referrer: "no-referrer" };

interface Props {
  searchParams: Promise<{ code?: string | string[]; next?: string | string[] }>;
}

export default async function Page({ searchParams }: Props) {
  const { code, next } = await searchParams;
  return <SignIn code={one(code)} next={safeNext(one(next))} />;
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
