"use client";
/** Copies a text. Browsers offer the clipboard on secure origins only; elsewhere the button is left out. */
import { Check, Copy } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { IconButton } from "./button.tsx";

/** How long the tick stays. */
const SHOWN_MS = 1_500;

export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const available = useSyncExternalStore(subscribeToNothing, hasClipboard, () => true);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!available) return null;
  return (
    <IconButton
      label={copied ? "Copied" : label}
      className={className}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? <Check className="size-3.5 text-good" /> : <Copy className="size-3.5" />}
    </IconButton>
  );
}

function hasClipboard(): boolean {
  return window.isSecureContext && "clipboard" in navigator;
}

function subscribeToNothing(): () => void {
  return () => undefined;
}
