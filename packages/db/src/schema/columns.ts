/**
 * Column kinds that every table shares. Times are whole milliseconds since 1970 in `bigint`, the form in which facts,
 * frames and views carry them; ids are UUIDv7, so they sort by time of creation.
 */
import { bigint, customType } from "drizzle-orm/pg-core";

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });

export function milliseconds(name: string) {
  return bigint(name, { mode: "number" });
}
