/** Names an image by what it is made of, and where: the same on every host, whoever wrote it. */
import { createHash } from "node:crypto";
import { stableJson } from "@bellows/protocol/stable-json";
import type { ContainerImage } from "../containers/driver.ts";

/** 24 hexadecimal digits. */
export function imageIdOf({ definition, packages }: ContainerImage, driver: string): string {
  return createHash("sha256")
    .update(stableJson([driver, definition, packages]))
    .digest("hex")
    .slice(0, 24);
}
