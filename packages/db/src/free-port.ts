/** A port of this host that nobody listens at, for what has to be told one before it starts. Another may take it until then. */
import { once } from "node:events";
import { createServer } from "node:net";

const HOST = "127.0.0.1";

/** `wanted`, or any. @throws Error with the code of the system when `wanted` is taken or not for this user. */
export async function freePort(wanted = 0): Promise<number> {
  const probe = createServer().listen(wanted, HOST);
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address ? address.port : wanted;
}
