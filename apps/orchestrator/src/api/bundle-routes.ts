/**
 * `PUT /bundles/<sha256>` for deploys, `GET /bundles/<sha256>` for agents: the bytes of `encodeBundle`, as they are. And
 * `PUT /archives/<sha256>` for deploys: a gzipped tar archive of files that an image is made of.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { archiveTooLarge, putArchive } from "../catalog/archives.ts";
import { bundleOfDeployment, bundleTooLarge, getBundle, putBundle } from "../catalog/bundles.ts";
import type { Caller } from "./context.ts";
import { readBody } from "./http-body.ts";
import { sendJson } from "./http-responses.ts";
import { requireBundleReader, requireChanger } from "./permissions.ts";
import type { CodeOf } from "./reach.ts";

export interface BundleRoute {
  request: IncomingMessage;
  response: ServerResponse;
  hash: string;
  caller: Caller;
}

/** @throws AuthError, PermissionDeniedError, InvalidError, NotFoundError, PayloadTooLargeError */
export async function serveBundle(
  { db, now, codeOf }: { db: NodePgDatabase; now: () => number; codeOf: CodeOf },
  route: BundleRoute,
): Promise<void> {
  const { request, response, hash, caller } = route;
  switch (request.method) {
    case "PUT": {
      requireChanger(caller);
      const bytes = await readBody(request, { maxBytes: LIMITS.bundleBytes, tooLarge: bundleTooLarge });
      await putBundle(db, { hash, bytes, nowMs: now() });
      return sendJson(response, 201, { hash });
    }
    case "GET": {
      await requireBundleReader(caller, hash, {
        codeOf,
        bundleOf: (deploymentId) => bundleOfDeployment(db, deploymentId),
      });
      const bytes = await getBundle(db, hash);
      if (!bytes) throw new NotFoundError(`there is no bundle ${hash}; deploy the app again`);
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "content-length": bytes.byteLength,
        "cache-control": "private, max-age=31536000, immutable",
      });
      response.end(bytes);
      return;
    }
    default:
      throw new InvalidError(`${request.method} is not possible on a bundle; use PUT or GET`);
  }
}

/** @throws AuthError, PermissionDeniedError, InvalidError, PayloadTooLargeError */
export async function serveArchive(
  { db, now }: { db: NodePgDatabase; now: () => number },
  { request, response, hash, caller }: BundleRoute,
): Promise<void> {
  if (request.method !== "PUT") throw new InvalidError(`${request.method} is not possible on an archive; use PUT`);
  requireChanger(caller);
  const bytes = await readBody(request, { maxBytes: LIMITS.bundleBytes, tooLarge: archiveTooLarge });
  await putArchive(db, { hash, bytes, nowMs: now() });
  sendJson(response, 201, { hash });
}
