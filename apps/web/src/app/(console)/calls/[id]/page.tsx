import { isId } from "@bellows/protocol/ids";
import type { Metadata } from "next";
import { CallPage } from "../../../../features/calls/call-page.tsx";
import { NotACall } from "../../../../features/calls/not-a-call.tsx";
import { shortId } from "../../../../lib/format.ts";

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Call ${shortId((await params).id)}` };
}

export default async function Page({ params }: Props) {
  const { id } = await params;
  return isId(id) ? <CallPage id={id} /> : <NotACall given={decodeURIComponent(id)} />;
}
