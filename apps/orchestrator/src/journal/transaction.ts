/**
 * A whole transaction in one flight: every statement is sent before the first answer, closed by a single Sync, which
 * makes them one implicit transaction (https://www.postgresql.org/docs/current/protocol-flow.html, "Pipelining").
 * Either all of it is committed when the promise resolves, or nothing is; when the connection broke nobody knows.
 *
 * pg's own pipeline mode sends a Sync per statement and takes no COPY, and pg-copy-streams waits for an answer before
 * the data: with BEGIN, check, COPY and COMMIT that is five round trips where this has one.
 */
import type pg from "pg";

/** Either its text, or the name under which the session has prepared it. */
export type Step = ({ text: string } | { prepared: string }) & {
  values?: readonly string[];
  /** What COPY ... FROM STDIN is to read. */
  copyData?: Uint8Array;
};

/** A transaction that takes longer hangs on a connection that is dead and does not know it. */
const PATIENCE_MS = 60_000;

export function runTransaction(client: pg.Client, steps: readonly Step[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      client.connection.stream.destroy(new Error(`no answer from Postgres for ${PATIENCE_MS / 1000} s`));
    }, PATIENCE_MS);
    client.query(
      new Flight(steps, (error) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      }),
    );
  });
}

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
/** Postgres gathers one message in memory before it reads it. */
const COPY_MESSAGE_BYTES = 1024 * 1024;

/** The form in which `pg` takes queries that speak the protocol themselves. */
class Flight implements pg.Submittable {
  readonly #steps: readonly Step[];
  readonly #settle: (error: Error | undefined) => void;
  #settled = false;

  constructor(steps: readonly Step[], settle: (error: Error | undefined) => void) {
    this.#steps = steps;
    this.#settle = settle;
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork();
    for (const step of this.#steps) {
      if ("text" in step) connection.parse({ name: "", text: step.text, types: [] }, true);
      const statement = "prepared" in step ? step.prepared : "";
      connection.bind({ statement, values: step.values ? [...step.values] : [] }, true);
      connection.execute({}, true);
      if (step.copyData) sendCopyData(connection, step.copyData);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleReadyForQuery(): void {
    this.#end(undefined);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleCopyInResponse(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}

  #end(error: Error | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(error);
  }
}

function sendCopyData({ stream }: pg.Connection, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.byteLength; offset += COPY_MESSAGE_BYTES) {
    const part = bytes.subarray(offset, offset + COPY_MESSAGE_BYTES);
    const header = Buffer.allocUnsafe(5);
    header[0] = COPY_DATA;
    header.writeUInt32BE(part.byteLength + 4, 1);
    stream.write(header);
    stream.write(part);
  }
  stream.write(COPY_DONE);
}
