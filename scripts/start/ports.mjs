/** Whether a port is free, asked before anything is started: the answer is a sentence and not a log full of stacks. */
import { createServer } from "node:net";
import { Refusal, reasonOf } from "../setup/refusal.mjs";

/**
 * @param {{ port: number, host: string, what: string, flag: string }} wanted
 * @throws {Refusal} when somebody listens there
 */
export async function requireFreePort({ port, host, what, flag }) {
  const server = createServer();
  try {
    await new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port, host, exclusive: true }, () => resolve(undefined));
    });
  } catch (error) {
    const code = reasonOf(error);
    if (code === "EADDRINUSE")
      throw new Refusal(`port ${port} for ${what} is taken; stop what uses it, or choose another with ${flag} N`);
    if (code === "EACCES")
      throw new Refusal(
        `port ${port} for ${what} may not be opened by this user; choose one above 1023 with ${flag} N`,
      );
    throw new Refusal(
      `cannot listen on ${host}:${port} for ${what} (${code}); set BELLOWS_HOST to an address of this machine`,
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
