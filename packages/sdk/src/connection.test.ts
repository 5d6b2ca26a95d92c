import type { RuntimeContext } from "@bellows/protocol/runtime-context";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { afterEach, describe, expect, it } from "vitest";
import { App } from "./app.ts";
import { namedConnection } from "./connection.ts";

const inContainer: RuntimeContext = {
  connection: null,
  environment: "main",
  appName: "pages",
  currentInput: () => undefined,
};

afterEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for("bellows.runtime"));
});

describe("inside a container", () => {
  it("`local` needs no connection", async () => {
    setRuntimeContext(inContainer);
    const app = new App("pages");
    const double = app.function({ name: "double" }, async (n: number) => 2 * n);
    expect(await double.local(2)).toBe(4);
  });

  it("a connection that is given whole is used", async () => {
    setRuntimeContext(inContainer);
    const connection = namedConnection({ url: "http://127.0.0.1:9", token: "bellows_owner_x" });
    await expect(connection.connect()).resolves.toBeDefined();
    await connection.close();
  });
});
