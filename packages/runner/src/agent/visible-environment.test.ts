import { expect, it } from "vitest";
import { visibleEnvironment } from "./visible-environment.ts";

it("what an agent starts sees nothing of the agent's own", () => {
  expect(visibleEnvironment({ BELLOWS_CONTAINER_TOKEN: "a-token", PATH: "/bin" })).toEqual({ PATH: "/bin" });
});

it("what an agent starts trusts the certificates that the agent does not read", () => {
  const environment = { BELLOWS_EXTRA_CA_CERTS: "/host.crt" };
  expect(visibleEnvironment(environment)).toEqual({ NODE_EXTRA_CA_CERTS: "/host.crt" });
});
