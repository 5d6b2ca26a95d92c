import type { Metadata } from "next";
import { LimitsPage } from "../../../../features/settings/limits-page.tsx";

export const metadata: Metadata = { title: "Limits" };

export default function Page() {
  return <LimitsPage />;
}
