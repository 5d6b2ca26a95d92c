import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { newId } from "@bellows/protocol/ids";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApiClient } from "./api-client.ts";

/** An API that answers every request with one body, and the requests it got. */
async function apiAnswering(status: number, body: unknown) {
  const requests: { url: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return { requests, api: createApiClient({ url: `http://127.0.0.1:${port}`, token: "t" }) };
}

describe("the API client", () => {
  test("asks with the token and gives the answer", async () => {
    const id = newId();
    const { api, requests } = await apiAnswering(200, [{ result: { data: { id, state: "running" } } }]);
    expect(await api.request((procedures) => procedures.calls.get.query({ id }))).toEqual({ id, state: "running" });
    expect(requests).toEqual([{ url: expect.stringContaining("/trpc/calls.get?"), authorization: "Bearer t" }]);
  });

  test("an error of the API is thrown as its class", async () => {
    const bellows = { code: "NOT_FOUND", message: "there is no such call", details: { hint: 1 } };
    const error = {
      message: "there is no such call",
      code: -32004,
      data: { code: "NOT_FOUND", httpStatus: 404, bellows },
    };
    const { api } = await apiAnswering(404, [{ error }]);
    await expect(api.request((procedures) => procedures.calls.get.query({ id: newId() }))).rejects.toMatchObject(
      bellows,
    );
  });

  test("no answer is a ConnectionError with the reason and advice", async () => {
    const api = createApiClient({ url: "http://127.0.0.1:1", token: "t" });
    await expect(api.request((procedures) => procedures.system.info.query())).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringMatching(/did not answer \(.+\); start it with `npm start`/),
    });
  });
});
