import type { Metadata } from "next";
import { ContainerPage } from "../../../../features/containers/container-page.tsx";
import { shortId } from "../../../../lib/format.ts";

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Container ${shortId((await params).id)}` };
}

export default async function Page({ params }: Props) {
  return <ContainerPage id={(await params).id} />;
}
