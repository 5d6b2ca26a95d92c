/**
 * Reads the source of a call and hands its inputs, encoded, to the link: as far as its owner lets it, in order, and
 * without a promise per input while the source is synchronous. An error of the source ends it like its end does.
 */
import type { ArgumentsSource, ArgumentsStep } from "./arguments-source.ts";
import { inThisContext } from "./call-origin.ts";

/** Inputs read in one turn of the event loop, so that a long source holds up nothing else. */
const TURN_INPUTS = 4_096;

export interface SourceReaderOptions {
  source: ArgumentsSource;
  /** Whether one more input may be read now. */
  mayRead(): boolean;
  /** Takes the arguments of an input. What it throws is an error of the source. */
  send(args: readonly unknown[]): void;
  /** The last input has been sent; with an error when the source, or an input of it, had one. */
  ended(failure: { error: unknown } | undefined): void;
}

export class SourceReader {
  readonly #options: SourceReaderOptions;
  /** True while the source is being asked for an input. */
  #reading = false;
  #ended = false;

  constructor(options: SourceReaderOptions) {
    this.#options = options;
  }

  /** Every input there is has been sent. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads on, as far as it may. */
  readonly pump: () => void = inThisContext(() => this.#pump());

  /** Lets the source clean up; nothing more is read. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.source.stop();
  }

  #pump(): void {
    for (let inTurn = 0; !this.#ended && !this.#reading && this.#options.mayRead(); inTurn++) {
      if (inTurn === TURN_INPUTS) {
        this.#reading = true;
        setImmediate(() => {
          this.#reading = false;
          this.pump();
        });
        return;
      }
      this.#readOne();
    }
  }

  #readOne(): void {
    this.#reading = true;
    let step: ArgumentsStep | Promise<ArgumentsStep>;
    try {
      step = this.#options.source.next();
    } catch (error) {
      return this.#failed(error);
    }
    if (!(step instanceof Promise)) return this.#accept(step);
    step.then(
      (arrived) => {
        this.#accept(arrived);
        this.pump();
      },
      (error: unknown) => this.#failed(error),
    );
  }

  #accept(step: ArgumentsStep): void {
    this.#reading = false;
    if (this.#ended) return;
    if (step.done) {
      this.#ended = true;
      return this.#options.ended(undefined);
    }
    try {
      this.#options.send(step.value);
    } catch (error) {
      this.#options.source.stop();
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#reading = false;
    if (this.#ended) return;
    this.#ended = true;
    this.#options.ended({ error });
  }
}
