"use client";
/** Copies a text, and says for a moment whether that worked. */
import { Check, Copy, X } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "../lib/copy-text.ts";
import { IconButton } from "./button.tsx";

/** How long the answer stays. */
const SHOWN_MS = 1_500;

export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [copied, setCopied] = useState<boolean>();
  useEffect(() => {
    if (copied === undefined) return;
    const timer = setTimeout(() => setCopied(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={copied === undefined ? label : copied ? "Copied" : "The browser does not let it be copied"}
      className={className}
      onClick={() => void copyText(text).then(setCopied)}
    >
      {copied === undefined ? (
        <Copy aria-hidden className="size-3.5" />
      ) : copied ? (
        <Check aria-hidden className="size-3.5 text-good" />
      ) : (
        <X aria-hidden className="size-3.5 text-bad" />
      )}
    </IconButton>
  );
}
