/** One HTTP GET with a token, on Node's own `http`: the global `fetch` costs a cold start some 15 ms to load. */
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import { ConnectionError, StartupError } from "@bellows/protocol/errors";

const IDLE_MS = 30_000;

export interface FetchOptions {
  token: string;
  /** The Unix socket at which the host is reached; null: at the address in the URL. */
  socketPath: string | null;
  maxBytes: number;
}

/**
 * @throws ConnectionError when the host did not answer in full, or that it cannot now (a status from 500 on);
 * StartupError when it refused.
 */
export function fetchBytes(url: string, options: FetchOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith("https:") ? httpsGet : httpGet;
    const fail = (cause: Error) =>
      reject(new ConnectionError(`${url} could not be fetched: ${cause.message}`, { cause }));
    const headers = { authorization: `Bearer ${options.token}` };
    const way = options.socketPath === null ? {} : { socketPath: options.socketPath };
    const request = get(url, { headers, timeout: IDLE_MS, ...way }, (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on("data", (piece: Buffer) => {
        bytes += piece.byteLength;
        pieces.push(piece);
        if (bytes > options.maxBytes) request.destroy(new Error(`it is larger than ${options.maxBytes} bytes`));
      });
      response.on("error", fail);
      response.on("end", () => {
        const body = Buffer.concat(pieces);
        if (response.statusCode === 200) return resolve(body);
        const status = response.statusCode ?? 0;
        const said = `status ${status}: ${body.toString("utf8", 0, 300)}`;
        if (status >= 500) return fail(new Error(said));
        reject(new StartupError(`${url} could not be fetched: ${said}`));
      });
    });
    request.on("timeout", () => request.destroy(new Error(`no data for ${IDLE_MS / 1_000} s`)));
    request.on("error", fail);
  });
}
