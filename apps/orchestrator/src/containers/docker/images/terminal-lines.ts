/** The lines of what a program prints for a terminal: of a line that it has written over again and again, what stood there last. */
export async function* terminalLines(output: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of output) {
    rest += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield shown(line);
  }
  if (rest !== "") yield shown(rest);
}

function shown(line: string): string {
  return line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
}
