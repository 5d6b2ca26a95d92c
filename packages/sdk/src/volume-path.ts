/** Where the code of a container finds a volume. */
import { InvalidError } from "@bellows/protocol/errors";

/**
 * The folder of a volume that the function names in `volumes`: the path given there on Docker, a folder of the host where
 * containers are processes. Code that asks runs on both.
 * @throws InvalidError outside of a container, and for a volume that the function does not name.
 */
export function volumePath(name: string): string {
  const known = JSON.parse(process.env.BELLOWS_VOLUMES ?? "{}") as Record<string, string>;
  const path = known[name];
  if (path !== undefined) return path;
  const names = Object.keys(known);
  throw new InvalidError(
    names.length === 0
      ? `there is no volume "${name}" here; name it in the function's options, volumes: { "/data": "${name}" }, and ask inside of the function`
      : `the function has no volume "${name}"; it has ${names.join(", ")}`,
  );
}
