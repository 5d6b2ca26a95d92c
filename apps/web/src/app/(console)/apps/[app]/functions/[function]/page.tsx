import type { Metadata } from "next";
import { FunctionPage } from "../../../../../../features/functions/function-page.tsx";

interface Props {
  params: Promise<{ app: string; function: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const path = await params;
  return { title: `${decodeURIComponent(path.function)} · ${decodeURIComponent(path.app)}` };
}

export default async function Page({ params }: Props) {
  const path = await params;
  return <FunctionPage path={{ app: decodeURIComponent(path.app), function: decodeURIComponent(path.function) }} />;
}
