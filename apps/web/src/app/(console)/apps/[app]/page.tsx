import type { Metadata } from "next";
import { AppPage } from "../../../../features/apps/app-page.tsx";

interface Props {
  params: Promise<{ app: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).app) };
}

export default async function Page({ params }: Props) {
  return <AppPage name={decodeURIComponent((await params).app)} />;
}
