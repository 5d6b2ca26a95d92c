/** The body of a request, never more of it than allowed. */
import type { IncomingMessage } from "node:http";
import { type BellowsError, InvalidError } from "@bellows/protocol/errors";

/** @throws the error of `tooLarge`, as soon as it is known; InvalidError when the sender went away. */
export function readBody(
  request: IncomingMessage,
  { maxBytes, tooLarge }: { maxBytes: number; tooLarge: (byteLength: number) => BellowsError },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > maxBytes) return reject(tooLarge(announced));
    const pieces: Buffer[] = [];
    let byteLength = 0;
    function take(piece: Buffer): void {
      byteLength += piece.length;
      if (byteLength <= maxBytes) return void pieces.push(piece);
      request.off("data", take);
      reject(tooLarge(byteLength));
    }
    request.on("data", take);
    request.once("end", () => resolve(Buffer.concat(pieces)));
    request.once("close", () => reject(new InvalidError("the request ended before its body did; send it again")));
    request.once("error", (cause) => reject(new InvalidError("the request broke off; send it again", { cause })));
  });
}
