"use client";
import { usePathname } from "next/navigation";
import { paths } from "../../lib/paths.ts";
import { Tabs } from "../../ui/tabs.tsx";

const PAGES = [
  { label: "Limits", href: paths.limits() },
  { label: "GPUs", href: paths.gpus() },
];

export function SettingsTabs() {
  const pathname = usePathname();
  return <Tabs label="Settings" tabs={PAGES.map((page) => ({ ...page, current: page.href === pathname }))} />;
}
