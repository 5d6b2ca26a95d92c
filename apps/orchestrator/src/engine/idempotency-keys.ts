/**
 * Calls by the idempotency key that made them. A key used twice at once makes one call: the first use asks Postgres
 * and opens the call if there is none, and whoever comes meanwhile gets the same answer. A use that fails leaves the
 * key free for the next one.
 */
export class IdempotencyKeys {
  readonly #find: (key: string) => Promise<string | undefined>;
  /** Keys whose call is being looked for, or is not in Postgres yet. */
  readonly #claims = new Map<string, Promise<string>>();

  /** `find` asks what is stored. */
  constructor(find: (key: string) => Promise<string | undefined>) {
    this.#find = find;
  }

  /** The id of the key's call: a known one, or `callId` after `open` has opened it. */
  async callOf(key: string, callId: string, open: () => void): Promise<string> {
    const claimed = this.#claims.get(key);
    if (claimed) return claimed.catch(() => this.callOf(key, callId, open));
    const claim = this.#claim(key, callId, open);
    this.#claims.set(key, claim);
    return claim;
  }

  /** The call of this key is in Postgres, where it is found from now on. */
  stored(key: string): void {
    this.#claims.delete(key);
  }

  async #claim(key: string, callId: string, open: () => void): Promise<string> {
    try {
      const found = await this.#find(key);
      if (found === undefined) open();
      else this.#claims.delete(key);
      return found ?? callId;
    } catch (error) {
      this.#claims.delete(key);
      throw error;
    }
  }
}
