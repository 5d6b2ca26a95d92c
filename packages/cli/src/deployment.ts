/** From a file to a deployed app: bundle, load, read the definitions, store the bundle, deploy. */
import { dirname } from "node:path";
import { encodeBundle } from "@bellows/protocol/bundles";
import { definitionsOf, type NamedFunction } from "@bellows/protocol/definitions";
import { ConnectionError, errorDataSchema, errorFromData, PayloadTooLargeError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import type { DeploymentView } from "@bellows/protocol/views";
import { type BuiltBundle, buildBundle } from "./bundle/bundler.ts";
import { withPythonFiles } from "./bundle/python-files.ts";
import { resolveConditions } from "./bundle/resolve-conditions.ts";
import { withPlace } from "./definition-place.ts";
import type { FileTarget } from "./file-target.ts";
import type { Archive } from "./images/archive.ts";
import { buildImages } from "./images/build-images.ts";
import { storedImage } from "./images/stored-image.ts";
import { loadModule } from "./module-loader.ts";
import type { Session } from "./session.ts";

export interface LoadedApp {
  built: BuiltBundle;
  name: string;
  entrypoint: ((...args: string[]) => unknown) | undefined;
  functions: NamedFunction[];
  /** What paths in its definitions are relative to. */
  folder: string;
}

/** @throws InvalidError (does not compile, wrong options, no app), StartupError (the import threw). */
export async function loadApp(target: FileTarget, cwd: string): Promise<LoadedApp> {
  const built = await buildBundle(target.path, { cwd, conditions: resolveConditions(process.execArgv) });
  const module = await loadModule(built, target.shown);
  const { app, functions: defined } = definitionsIn(module, target);
  const { files, functions } = await withPythonFiles(defined, target.path);
  const whole = { ...built, bundle: { ...built.bundle, files } };
  return { built: whole, name: app.name, entrypoint: app.entrypoint, functions, folder: dirname(target.path) };
}

function definitionsIn(module: Record<string, unknown>, target: FileTarget): ReturnType<typeof definitionsOf> {
  try {
    return definitionsOf(module);
  } catch (error) {
    throw withPlace(error, target);
  }
}

/** @throws PayloadTooLargeError, ConnectionError, and what the orchestrator refuses it with. */
export async function deployApp(
  app: LoadedApp,
  session: Session,
  { ephemeral }: { ephemeral: boolean },
): Promise<DeploymentView> {
  const { bytes, hash } = encodeBundle(app.built.bundle);
  await storeContent("bundles", { bytes, hash }, session);
  const store = (archive: Archive): Promise<void> => storeContent("archives", archive, session);
  const functions = await Promise.all(
    app.functions.map(async ({ name, settings }) => {
      const image = settings.image && (await storedImage(settings.image, { folder: app.folder, store }));
      return { name, settings: { ...settings, image } };
    }),
  );
  // Code without packages on the default image needs nothing built.
  const hasPackages = Object.keys(app.built.bundle.packages).length > 0;
  const images = functions.map(({ settings }) => settings.image).filter((image) => image !== null || hasPackages);
  await buildImages(images, { session, bundleHash: hash });
  return session.request((api) =>
    api.apps.deploy.mutate({
      name: app.name,
      environment: session.environment,
      bundleHash: hash,
      ephemeral,
      functions,
    }),
  );
}

/** Stored under the hash of its bytes; code and files alike. */
async function storeContent(
  kind: "bundles" | "archives",
  { bytes, hash }: Archive,
  { credentials }: Session,
): Promise<void> {
  if (bytes.byteLength > LIMITS.bundleBytes) {
    throw new PayloadTooLargeError(
      `the ${kind === "bundles" ? "bundle is" : "files of the image are"} ${bytes.byteLength.toLocaleString("en")} bytes, above the limit of ${LIMITS.bundleBytes.toLocaleString("en")}; ` +
        "read large data when the function runs instead of importing it",
      { details: { limit: "bundleBytes", max: LIMITS.bundleBytes, current: bytes.byteLength } },
    );
  }
  const url = `${credentials.url}/${kind}/${hash}`;
  const response = await fetch(url, {
    method: "PUT",
    headers: { authorization: `Bearer ${credentials.token}`, "content-type": "application/octet-stream" },
    body: bytes,
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new ConnectionError(
      `the orchestrator at ${credentials.url} did not answer (${reason}); start it with \`npm start\`, or set BELLOWS_URL to where it runs`,
      { cause },
    );
  });
  if (response.ok) return void (await response.arrayBuffer());
  throw refusal(response.status, await response.text(), url);
}

function refusal(status: number, body: string, url: string): Error {
  try {
    const answer: unknown = JSON.parse(body);
    const data = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : answer;
    return errorFromData(errorDataSchema.parse(data));
  } catch {
    return new ConnectionError(`${url} answered ${status}: ${body.slice(0, 200)}`);
  }
}
