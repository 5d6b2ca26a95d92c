/**
 * A real HTTP server on this machine that takes its time to answer, as the service that your function would ask does. It
 * lives in the container, so that the example needs no network; it counts how many requests it has at once.
 */
import { createServer } from "node:http";

export interface SlowService {
  url: string;
  mostAtOnce(): number;
}

export function startSlowService(delayMs: number): Promise<SlowService> {
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      const number = Number(new URL(request.url ?? "/", "http://localhost").searchParams.get("number"));
      response.end(String(number * number));
    }, delayMs);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.unref();
      const address = server.address();
      if (typeof address !== "object" || address === null) return reject(new Error("the server has no port"));
      resolve({ url: `http://127.0.0.1:${address.port}`, mostAtOnce: () => most });
    });
  });
}
