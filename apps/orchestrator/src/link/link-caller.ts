/** Whose link a client's link is. */
import type { Principal } from "../catalog/principal.ts";

export interface LinkCaller {
  /** Unique to the connection. */
  linkId: string;
  principal: Principal;
  /** The one environment whose calls it may make and see; null for all. */
  scope: string | null;
}
