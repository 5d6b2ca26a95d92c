import type { Metadata } from "next";
import { GpusPage } from "../../../../features/settings/gpus-page.tsx";

export const metadata: Metadata = { title: "GPUs" };

export default function Page() {
  return <GpusPage />;
}
