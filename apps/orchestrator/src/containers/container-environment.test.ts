import { NODE_IMAGE } from "@bellows/protocol/image";
import { expect, it } from "vitest";
import { containerEnvironment } from "./container-environment.ts";

const SPEC = {
  containerId: "a-container",
  functionId: "a-function",
  deploymentId: "a-deployment",
  image: { definition: NODE_IMAGE, packages: {} },
  linkUrl: "ws://localhost:4000/link/agent",
  token: "a-token",
  memoryMiB: 512,
  volumes: [],
  blockNetwork: false,
  cpu: null,
  gpus: [],
};
const HOST = {
  nodePath: "/opt/node/bin/node",
  cacheDir: "/state/cache",
  ownSdkFolder: "/opt/sdk",
  exitStatusPath: "/state/containers/a-container.exit",
};

it("a container gets paths and language of the host, and none of the orchestrator's secrets", () => {
  const environment = containerEnvironment(SPEC, {
    ...HOST,
    environment: { BELLOWS_MASTER_KEY: "secret", AWS_SECRET_ACCESS_KEY: "secret", TZ: "Asia/Tokyo", HTTPS_PROXY: "p" },
  });
  expect(Object.values(environment)).not.toContain("secret");
  expect(environment).toMatchObject({
    TZ: "Asia/Tokyo",
    HTTPS_PROXY: "p",
    PATH: expect.stringMatching("^/opt/node/bin:"),
    BELLOWS_CONTAINER_TOKEN: "a-token",
    BELLOWS_MEMORY_MIB: "512",
    CUDA_VISIBLE_DEVICES: "",
  });
});

it("an agent reads the certificates of the host only when its link needs them", () => {
  const host = { ...HOST, environment: { NODE_EXTRA_CA_CERTS: "/host.crt" } };
  expect(containerEnvironment(SPEC, host)).toMatchObject({ BELLOWS_EXTRA_CA_CERTS: "/host.crt" });
  expect(containerEnvironment(SPEC, host)).not.toHaveProperty("NODE_EXTRA_CA_CERTS");
  const secure = { ...SPEC, linkUrl: "wss://bellows.example/link/agent" };
  expect(containerEnvironment(secure, host)).toMatchObject({ NODE_EXTRA_CA_CERTS: "/host.crt" });
});
