/**
 * A text into the clipboard. The browser's own interface is there on secure origins only, and many a console is served
 * as plain HTTP within a team; there the text is selected and copied as a person would.
 */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "fixed opacity-0";
  const focused = document.activeElement;
  // Within an open dialog, which lets nothing outside of it have the focus.
  (focused?.closest("dialog, [role=dialog]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
