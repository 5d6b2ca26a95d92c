import { isId } from "@bellows/protocol/ids";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { InputPage } from "../../../../../../features/calls/input-page.tsx";
import { NotACall } from "../../../../../../features/calls/not-a-call.tsx";
import { shortId } from "../../../../../../lib/format.ts";

interface Props {
  params: Promise<{ id: string; index: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id, index } = await params;
  return { title: `Input #${index} of ${shortId(id)}` };
}

export default async function Page({ params }: Props) {
  const { id, index } = await params;
  if (!isId(id)) return <NotACall given={decodeURIComponent(id)} />;
  if (!/^\d{1,7}$/.test(index)) notFound();
  return <InputPage callId={id} index={Number(index)} />;
}
