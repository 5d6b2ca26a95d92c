/**
 * What the environment says, read once. No other file of the orchestrator looks at `process.env`; the rest is handed
 * a `Config`. A wrong variable is one sentence that names it, so that a start fails before anything is opened.
 */
import { resolve } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";
import { type GpuDevice, gpuRequestOf } from "@bellows/protocol/gpus";
import { LIMITS } from "@bellows/protocol/limits";
import { z } from "zod";

const DRIVERS = ["auto", "process", "docker", "swarm", "kubernetes"] as const;
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export interface Config {
  databaseUrl: string;
  /** Absolute. Holds credentials, the instance key and caches. */
  stateDir: string;
  /** The address to listen on: this machine only, unless told otherwise. */
  host: string;
  port: number;
  consolePort: number;
  driver: (typeof DRIVERS)[number];
  /** The GPUs that this host is said to have; null to look for them. */
  gpus: readonly GpuDevice[] | null;
  /** Of the Docker engine, in place of its default one; null for that. */
  dockerRuntime: string | null;
  /** Null: the instance key file is the only key. */
  masterKey: string | null;
  /** How many booted containers are kept ready on this host; 0: none. */
  standby: number;
  /** The master key before this one, for a start that goes over from it. */
  previousMasterKey: string | null;
  /** Secrets that no known master key opens are deleted at this start, instead of refusing it. */
  forgetSecrets: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
  /** How long calls, outputs, logs and statistics are kept. */
  retentionMs: number;
  /** Where clients and containers reach the orchestrator: itself on this machine, or what stands before it. */
  publicUrl: string;
  /** Where a browser reaches the console. */
  consoleUrl: string;
  /** All of it, for the driver to pick from what containers on this host need (paths, proxies); never logged. */
  hostEnvironment: Record<string, string | undefined>;
}

const DAY_MS = 24 * 3_600_000;
/** Each costs the memory of two idle Node processes. */
const DEFAULT_STANDBY = 2;
const MAX_STANDBY = 64;
const MAX_RETENTION_DAYS = 365;

const retention = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .refine((days) => days >= 1 && days <= MAX_RETENTION_DAYS)
  .transform((days) => days * DAY_MS)
  .default(LIMITS.retentionMs);

const standby = z
  .string()
  .regex(/^\d{1,2}$/)
  .transform(Number)
  .refine((count) => count <= MAX_STANDBY)
  .default(DEFAULT_STANDBY);
const GPUS = /^\s*[A-Za-z0-9-]+(:[1-9]\d{0,2})?\s*$/;

/** Declared devices have numbers, as CUDA has them for the devices of a host. */
const gpus = z
  .string()
  .transform((text) => (text.trim() === "none" ? [] : text.split(",")))
  .refine((parts) => parts.every((part) => GPUS.test(part) && !/^\s*(any|none)\b/i.test(part)))
  .transform((parts) => parts.map((part) => gpuRequestOf(part.trim())))
  .transform((models) => models.flatMap(({ name, count }) => Array.from({ length: count }, () => name)))
  .transform((names) => names.map((name, index): GpuDevice => ({ id: String(index), name, memoryMiB: null })))
  .nullable()
  .default(null);

function port(defaultPort: number) {
  return z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((value) => value <= 65_535)
    .default(defaultPort);
}

const environmentSchema = z.object({
  BELLOWS_DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//),
  BELLOWS_STATE_DIR: z.string().default(".bellows"),
  BELLOWS_HOST: z.string().default("127.0.0.1"),
  BELLOWS_PORT: port(4000),
  BELLOWS_CONSOLE_PORT: port(3000),
  BELLOWS_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ""))
    .nullable()
    .default(null),
  BELLOWS_DRIVER: z.enum(DRIVERS).default("auto"),
  BELLOWS_GPUS: gpus,
  BELLOWS_DOCKER_RUNTIME: z
    .string()
    .regex(/^[\w.-]{1,128}$/)
    .nullable()
    .default(null),
  BELLOWS_MASTER_KEY: z.string().min(32).nullable().default(null),
  BELLOWS_MASTER_KEY_PREVIOUS: z.string().min(32).nullable().default(null),
  BELLOWS_FORGET_SECRETS: z
    .enum(["0", "1"])
    .default("0")
    .transform((flag) => flag === "1"),
  BELLOWS_LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  BELLOWS_RETENTION_DAYS: retention,
  BELLOWS_STANDBY: standby,
});
type Variable = keyof typeof environmentSchema.shape;

/** What each variable has to be; the end of the sentence that a wrong one gets. */
const EXPECTED: Record<Variable, string> = {
  BELLOWS_DATABASE_URL: "the URL of a Postgres database, such as postgres://user:password@host:5432/bellows",
  BELLOWS_STATE_DIR: "a folder",
  BELLOWS_HOST: "an address of this machine, such as 127.0.0.1 or 0.0.0.0",
  BELLOWS_PORT: "a port number from 0 to 65535",
  BELLOWS_CONSOLE_PORT: "a port number from 0 to 65535",
  BELLOWS_PUBLIC_URL:
    "the URL at which clients and containers reach the orchestrator, such as https://bellows.example.com",
  BELLOWS_DRIVER: `one of ${DRIVERS.join(", ")}`,
  BELLOWS_GPUS: "models and how many there are of each, such as H100:8,A10G:4, or none",
  BELLOWS_DOCKER_RUNTIME: "the name of a runtime of the Docker engine, such as runsc",
  BELLOWS_MASTER_KEY: "a secret of at least 32 characters",
  BELLOWS_MASTER_KEY_PREVIOUS: "a secret of at least 32 characters",
  BELLOWS_FORGET_SECRETS: "1, or 0",
  BELLOWS_RETENTION_DAYS: `a whole number of days from 1 to ${MAX_RETENTION_DAYS}`,
  BELLOWS_STANDBY: `a whole number from 0 to ${MAX_STANDBY}`,
  BELLOWS_LOG_LEVEL: `one of ${LOG_LEVELS.join(", ")}`,
};
/** Their values never appear in a message. */
const SECRET_VARIABLES: readonly Variable[] = [
  "BELLOWS_DATABASE_URL",
  "BELLOWS_MASTER_KEY",
  "BELLOWS_MASTER_KEY_PREVIOUS",
];

/**
 * An empty variable counts as unset.
 * @throws InvalidError naming the first variable that is missing or wrong.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) throw new InvalidError(wrongVariable(parsed.error, given));
  const env = parsed.data;
  return {
    databaseUrl: env.BELLOWS_DATABASE_URL,
    stateDir: resolve(env.BELLOWS_STATE_DIR),
    host: env.BELLOWS_HOST,
    port: env.BELLOWS_PORT,
    consolePort: env.BELLOWS_CONSOLE_PORT,
    driver: env.BELLOWS_DRIVER,
    gpus: env.BELLOWS_GPUS,
    dockerRuntime: env.BELLOWS_DOCKER_RUNTIME,
    masterKey: env.BELLOWS_MASTER_KEY,
    previousMasterKey: env.BELLOWS_MASTER_KEY_PREVIOUS,
    forgetSecrets: env.BELLOWS_FORGET_SECRETS,
    logLevel: env.BELLOWS_LOG_LEVEL,
    standby: env.BELLOWS_STANDBY,
    retentionMs: env.BELLOWS_RETENTION_DAYS,
    publicUrl: env.BELLOWS_PUBLIC_URL ?? `http://${reachableHost(env.BELLOWS_HOST)}:${env.BELLOWS_PORT}`,
    consoleUrl: `http://${browsableHost(env.BELLOWS_HOST)}:${env.BELLOWS_CONSOLE_PORT}`,
    hostEnvironment: environment,
  };
}

function wrongVariable(error: z.ZodError, given: Record<string, string | undefined>): string {
  const variable = Object.keys(EXPECTED).find((name): name is Variable => name === error.issues[0]?.path[0]);
  if (!variable) return "the environment could not be read";
  const value = given[variable];
  if (value === undefined) return `${variable} is not set; it must be ${EXPECTED[variable]}`;
  const shown = SECRET_VARIABLES.includes(variable) ? "" : ` is ${JSON.stringify(value)}, but it`;
  return `${variable}${shown} must be ${EXPECTED[variable]}`;
}

/** The host part of a URL for an address that is listened on: "all addresses" is none to connect to. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** The host to open in a browser: where one address of a network is listened on, nothing answers at `localhost`. */
function browsableHost(host: string): string {
  const here = host === "::1" || host === "localhost" || host.startsWith("127.") || host === "0.0.0.0" || host === "::";
  return here ? "localhost" : reachableHost(host);
}
