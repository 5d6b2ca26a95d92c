import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

const DATABASE = { BELLOWS_DATABASE_URL: "postgres://bellows:secret@localhost:5432/bellows" };

describe("readConfig", () => {
  it("fills in the defaults", () => {
    const environment = { ...DATABASE, BELLOWS_STATE_DIR: "/var/lib/bellows" };
    expect(readConfig(environment)).toEqual({
      hostEnvironment: environment,
      databaseUrl: DATABASE.BELLOWS_DATABASE_URL,
      stateDir: "/var/lib/bellows",
      host: "127.0.0.1",
      port: 4000,
      consolePort: 3000,
      driver: "auto",
      standby: 2,
      previousMasterKey: null,
      gpus: null,
      dockerRuntime: null,
      forgetSecrets: false,
      masterKey: null,
      logLevel: "info",
      retentionMs: 7 * 86_400_000,
      publicUrl: "http://127.0.0.1:4000",
      consoleUrl: "http://localhost:3000",
    });
  });

  it("takes the GPUs that are declared, and numbers them as CUDA does", () => {
    const { gpus } = readConfig({ ...DATABASE, BELLOWS_GPUS: "H100:2, A10G" });
    expect(gpus?.map(({ id, name }) => `${id} ${name}`)).toEqual(["0 H100", "1 H100", "2 A10G"]);
    expect(readConfig({ ...DATABASE, BELLOWS_GPUS: "none" }).gpus).toEqual([]);
  });

  it.each(["two H100", "H100:0", "H100:", "any:2", "H100,,A10G", "H100:8 A10G:4"])("refuses %j as GPUs", (value) => {
    expect(() => readConfig({ ...DATABASE, BELLOWS_GPUS: value })).toThrow(
      `BELLOWS_GPUS is ${JSON.stringify(value)}, but it must be models and how many there are of each, such as H100:8,A10G:4, or none`,
    );
  });

  it("treats an empty variable as unset", () => {
    expect(readConfig({ ...DATABASE, BELLOWS_PORT: "" }).port).toBe(4000);
  });

  it("keeps calls for as many days as it is told", () => {
    expect(readConfig({ ...DATABASE, BELLOWS_RETENTION_DAYS: "30" }).retentionMs).toBe(30 * 86_400_000);
  });

  it("gives an address to connect to when it listens on all of them", () => {
    expect(readConfig({ ...DATABASE, BELLOWS_HOST: "0.0.0.0", BELLOWS_PORT: "4100" }).publicUrl).toBe(
      "http://127.0.0.1:4100",
    );
  });

  it("is reached at the URL of what stands before it", () => {
    const behindProxy = { ...DATABASE, BELLOWS_PUBLIC_URL: "https://bellows.example.com/" };
    expect(readConfig(behindProxy).publicUrl).toBe("https://bellows.example.com");
    expect(() => readConfig({ ...DATABASE, BELLOWS_PUBLIC_URL: "bellows" })).toThrow(
      /^BELLOWS_PUBLIC_URL is "bellows"/,
    );
  });

  it.each([
    ["127.0.0.1", "http://localhost:3000"],
    ["0.0.0.0", "http://localhost:3000"],
    ["::", "http://localhost:3000"],
    ["192.168.1.20", "http://192.168.1.20:3000"],
    ["fd00::1", "http://[fd00::1]:3000"],
  ])("links to the console where a browser reaches it when it listens on %s", (host, consoleUrl) => {
    expect(readConfig({ ...DATABASE, BELLOWS_HOST: host }).consoleUrl).toBe(consoleUrl);
  });

  it.each([
    [{}, /^BELLOWS_DATABASE_URL is not set; it must be the URL of a Postgres database/],
    [{ ...DATABASE, BELLOWS_PORT: "70000" }, /^BELLOWS_PORT is "70000", but it must be a port number/],
    [{ ...DATABASE, BELLOWS_PORT: "4000x" }, /^BELLOWS_PORT is "4000x"/],
    [{ ...DATABASE, BELLOWS_RETENTION_DAYS: "0" }, /must be a whole number of days from 1 to 365/],
    [{ ...DATABASE, BELLOWS_RETENTION_DAYS: "366" }, /^BELLOWS_RETENTION_DAYS is "366"/],
    [{ ...DATABASE, BELLOWS_RETENTION_DAYS: "1.5" }, /^BELLOWS_RETENTION_DAYS is "1.5"/],
    [{ ...DATABASE, BELLOWS_DRIVER: "podman" }, /^BELLOWS_DRIVER is "podman", but it must be one of auto, process/],
  ])("says in one sentence which variable is wrong: %o", (environment, sentence) => {
    expect(() => readConfig(environment)).toThrow(sentence);
  });

  it("never shows a secret", () => {
    expect(() => readConfig({ ...DATABASE, BELLOWS_MASTER_KEY: "short-secret" })).toThrow(
      /^BELLOWS_MASTER_KEY must be a secret of at least 32 characters$/,
    );
    expect(() => readConfig({ BELLOWS_DATABASE_URL: "mysql://u:p@h/db" })).toThrow(/^BELLOWS_DATABASE_URL must be/);
  });
});
