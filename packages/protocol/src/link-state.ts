/**
 * Where a link says that it was cut and that it is back, for whoever shows it to a person. A bundle carries its own copy
 * of the SDK; Node keeps one channel of this name for all of them.
 */
import { channel } from "node:diagnostics_channel";

export interface LinkState {
  state: "lost" | "back";
  /** Of the orchestrator. */
  url: string;
  /** How long the link tries to come back before what is waited for fails, in milliseconds. */
  patienceMs: number;
}

const CHANNEL = channel("bellows.link");

export function tellLinkState(told: LinkState): void {
  CHANNEL.publish(told);
}

/** Returns what stops the telling. */
export function onLinkState(listener: (told: LinkState) => void): () => void {
  const hear = (told: unknown): void => {
    if (isLinkState(told)) listener(told);
  };
  CHANNEL.subscribe(hear);
  return () => void CHANNEL.unsubscribe(hear);
}

function isLinkState(told: unknown): told is LinkState {
  return typeof told === "object" && told !== null && "state" in told && "url" in told && "patienceMs" in told;
}
