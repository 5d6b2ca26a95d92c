/** How a button elsewhere on the page asks for the palette, without the two knowing each other. */
const EVENT = "bellows:palette";

export function openPalette(): void {
  window.dispatchEvent(new Event(EVENT));
}

export function onOpenPalette(listener: () => void): () => void {
  window.addEventListener(EVENT, listener);
  return () => window.removeEventListener(EVENT, listener);
}
