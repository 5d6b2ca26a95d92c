"use client";
/**
 * Asks before something that cannot be taken back. The browser's own dialog keeps the focus inside, closes on Escape
 * and gives the focus back.
 */
import type { ComponentProps, ReactNode } from "react";
import { useEffect, useId, useRef } from "react";
import { Button } from "./button.tsx";

export function ConfirmDialog({
  title,
  children,
  confirm,
  dismiss = "Keep it",
  look = "danger",
  busy,
  ready = true,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  /** What the button says: the deed, not "OK". */
  confirm: string;
  /** What the other button says. */
  dismiss?: string;
  look?: ComponentProps<typeof Button>["look"];
  busy: boolean;
  /** False while it is not known yet what would be done, or when there is nothing to do. */
  ready?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface p-5 text-ink shadow-xl"
    >
      <h2 id={titleId} className="mb-2 font-semibold text-base">
        {title}
      </h2>
      <div className="text-ink-soft">{children}</div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={() => dialog.current?.close()}>{dismiss}</Button>
        <Button {...(look ? { look } : {})} disabled={busy || !ready} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </dialog>
  );
}
