/** Ctrl-C as a value: what runs in a process group of its own is not reached by it and has to be told. */

/** Aborted by the first SIGINT or SIGTERM. */
export function stopSignal() {
  const stop = new AbortController();
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => stop.abort());
  return stop.signal;
}
