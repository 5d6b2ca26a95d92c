import type { Metadata } from "next";
import { ImagePage } from "../../../../features/images/image-page.tsx";

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Image ${(await params).id.slice(0, 8)}` };
}

export default async function Page({ params }: Props) {
  return <ImagePage id={(await params).id} />;
}
