/** The API over HTTP with answers that a test gives, for what orchestrators seldom answer. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { z } from "zod";

/** By procedure: what it answers to this input. One that never answers gives `NEVER`. */
export type Answers = Record<string, (input: Record<string, unknown>) => unknown>;
export const NEVER = Symbol("never");

const inputsSchema = z.record(z.string(), z.record(z.string(), z.unknown()));

/** Gone with the test. `asked` are the procedures, in order. */
export async function apiServer(answers: Answers) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const inputs = inputsSchema.parse(JSON.parse((await inputsOf(request, searchParams)) || "{}"));
    const procedures = pathname.replace("/trpc/", "").split(",");
    asked.push(...procedures);
    const answered = procedures.map((procedure, i) => answers[procedure]?.(inputs[i] ?? {}));
    if (answered.includes(NEVER)) return;
    const body = answered.map((data) => ({ result: { data } }));
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return { url, asked, env: { BELLOWS_URL: url, BELLOWS_TOKEN: "t" } };
}

async function inputsOf(request: IncomingMessage, searchParams: URLSearchParams): Promise<string | null> {
  return request.method === "GET" ? searchParams.get("input") : text(request);
}
