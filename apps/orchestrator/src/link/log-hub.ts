/** Live log lines by app, for those who follow. Lines are stored elsewhere; nothing here outlives the process. */
import type { ServerFrame } from "@bellows/protocol/client-frames";

export type LiveLogLine = Extract<ServerFrame, { type: "logs" }>["lines"][number];
type Follower = (appId: string, lines: LiveLogLine[]) => void;

export class LogHub {
  readonly #followers = new Map<string, Set<Follower>>();

  /** Calls `follower` with each line of the app from now on, until the returned function is called. */
  follow(appId: string, follower: Follower): () => void {
    const followers = this.#followers.get(appId) ?? new Set();
    this.#followers.set(appId, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0) this.#followers.delete(appId);
    };
  }

  publish(appId: string, lines: LiveLogLine[]): void {
    for (const follower of this.#followers.get(appId) ?? []) follower(appId, lines);
  }
}
