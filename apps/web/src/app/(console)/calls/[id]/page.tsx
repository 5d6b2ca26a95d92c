import type { Metadata } from "next";
import { CallPage } from "../../../../features/calls/call-page.tsx";
import { shortId } from "../../../../lib/format.ts";

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Call ${shortId((await params).id)}` };
}

export default async function Page({ params }: Props) {
  return <CallPage id={(await params).id} />;
}
