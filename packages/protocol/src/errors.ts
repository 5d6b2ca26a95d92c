/**
 * Errors are data with a code on the wire and classes at the two ends; this file is where they change shape.
 * A message says what happened, to what, and what to do about it.
 */
import * as z from "zod/mini";

export const ERROR_CODES = [
  "NOT_FOUND",
  "INVALID",
  "AUTH",
  "PERMISSION_DENIED",
  "CONFLICT",
  "LIMIT_EXCEEDED",
  "TIMEOUT",
  "FUNCTION_TIMEOUT",
  "OUTPUT_EXPIRED",
  "CANCELLED",
  "REMOTE",
  "CONTAINER_CRASHED",
  "STARTUP",
  "SERIALIZATION",
  "PAYLOAD_TOO_LARGE",
  "CONNECTION",
  "INTERNAL",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error as it travels and as it is stored. `details` holds the fields of the class, all plain data. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  name?: string | undefined;
  stack?: string | undefined;
  cause?: ErrorData | undefined;
  details?: Record<string, string | number | boolean | null> | undefined;
}

export const errorDataSchema: z.ZodMiniType<ErrorData> = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  name: z.optional(z.string()),
  stack: z.optional(z.string()),
  cause: z.optional(z.lazy(() => errorDataSchema)),
  details: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

type Details = NonNullable<ErrorData["details"]>;

/** Every error of Bellows carries this mark, whichever copy of this file made it. */
const MARK = Symbol.for("bellows.error");

/** The root of every error Bellows throws. `code` is stable; `details` are the numbers behind the message. */
export class BellowsError extends Error {
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Details } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, MARK, { value: true });
  }
}

// A bundle brings its own copy of these classes, and what it throws must be known in the CLI and in the worker.
Object.defineProperty(BellowsError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this === BellowsError) return typeof value === "object" && value !== null && MARK in value;
    return Function.prototype[Symbol.hasInstance].call(this, value);
  },
});

function errorClass<const C extends ErrorCode>(code: C) {
  return class extends BellowsError {
    constructor(message: string, options: { cause?: unknown; details?: Details } = {}) {
      super(code, message, options);
    }
  };
}

export class NotFoundError extends errorClass("NOT_FOUND") {}
export class InvalidError extends errorClass("INVALID") {}
export class AuthError extends errorClass("AUTH") {}
export class PermissionDeniedError extends errorClass("PERMISSION_DENIED") {}
export class ConflictError extends errorClass("CONFLICT") {}
export class TimeoutError extends errorClass("TIMEOUT") {}
export class FunctionTimeoutError extends errorClass("FUNCTION_TIMEOUT") {}
/** @public The sdk hands it on; users catch it. */
export class OutputExpiredError extends errorClass("OUTPUT_EXPIRED") {}
export class CancelledError extends errorClass("CANCELLED") {}
export class ContainerCrashedError extends errorClass("CONTAINER_CRASHED") {}
export class StartupError extends errorClass("STARTUP") {}
export class SerializationError extends errorClass("SERIALIZATION") {}
export class PayloadTooLargeError extends errorClass("PAYLOAD_TOO_LARGE") {}
export class ConnectionError extends errorClass("CONNECTION") {}
/** A defect of Bellows itself. */
export class InternalError extends errorClass("INTERNAL") {}

/** A limit was reached. `retryAfterMs` is null when waiting alone does not help. */
export class LimitExceededError extends errorClass("LIMIT_EXCEEDED") {
  get limit(): string {
    return String(this.details.limit);
  }
  get max(): number {
    return Number(this.details.max);
  }
  get current(): number {
    return Number(this.details.current);
  }
  get retryAfterMs(): number | null {
    const value = this.details.retryAfterMs;
    return typeof value === "number" ? value : null;
  }
}

/** What user code threw, with its own name, message, stack and cause. */
export class RemoteError extends errorClass("REMOTE") {
  get attempts(): number {
    return Number(this.details.attempts ?? 1);
  }
  get containerId(): string | undefined {
    const value = this.details.containerId;
    return typeof value === "string" ? value : undefined;
  }
  get inputId(): string | undefined {
    const value = this.details.inputId;
    return typeof value === "string" ? value : undefined;
  }
}

const CLASSES: Record<
  ErrorCode,
  new (
    message: string,
    options?: { cause?: unknown; details?: Details },
  ) => BellowsError
> = {
  NOT_FOUND: NotFoundError,
  INVALID: InvalidError,
  AUTH: AuthError,
  PERMISSION_DENIED: PermissionDeniedError,
  CONFLICT: ConflictError,
  LIMIT_EXCEEDED: LimitExceededError,
  TIMEOUT: TimeoutError,
  FUNCTION_TIMEOUT: FunctionTimeoutError,
  OUTPUT_EXPIRED: OutputExpiredError,
  CANCELLED: CancelledError,
  REMOTE: RemoteError,
  CONTAINER_CRASHED: ContainerCrashedError,
  STARTUP: StartupError,
  SERIALIZATION: SerializationError,
  PAYLOAD_TOO_LARGE: PayloadTooLargeError,
  CONNECTION: ConnectionError,
  INTERNAL: InternalError,
};

/** Causes deeper than this are dropped, so that a cyclic chain of causes ends. */
const MAX_CAUSES = 8;

/**
 * What user code threw, as data with code REMOTE. Anything may be thrown: what is not an Error is
 * described by its text. A Bellows error (of a nested call, say) keeps its own code.
 */
export function remoteErrorData(thrown: unknown, depth = 0): ErrorData {
  if (thrown instanceof BellowsError) return errorData(thrown, depth);
  if (!(thrown instanceof Error)) return { code: "REMOTE", name: "Error", message: String(thrown) };
  return {
    code: "REMOTE",
    name: thrown.name,
    message: thrown.message,
    ...stackOf(thrown),
    ...causeOf(thrown, depth, remoteErrorData),
  };
}

/** A thrown value as data; what is no Bellows error becomes INTERNAL and keeps its message. */
export function errorData(thrown: unknown, depth = 0): ErrorData {
  if (!(thrown instanceof BellowsError)) return { ...remoteErrorData(thrown, depth), code: "INTERNAL" };
  return {
    code: thrown.code,
    message: thrown.message,
    name: thrown.name,
    ...stackOf(thrown),
    ...(Object.keys(thrown.details).length > 0 ? { details: thrown.details } : {}),
    ...causeOf(thrown, depth, remoteErrorData),
  };
}

/** Absent instead of undefined: frames write undefined as nil, which is no string. */
function stackOf({ stack }: Error): { stack: string } | Record<never, never> {
  return typeof stack === "string" ? { stack } : {};
}

function causeOf(error: Error, depth: number, convert: (cause: unknown, depth: number) => ErrorData) {
  return error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: convert(error.cause, depth + 1) };
}

/** The class for some error data, with the far side's name and stack in place of this side's. */
export function errorFromData(data: ErrorData): BellowsError {
  const options = {
    ...(data.cause ? { cause: errorFromData(data.cause) } : {}),
    ...(data.details ? { details: data.details } : {}),
  };
  const error = new CLASSES[data.code](data.message, options);
  if (data.code === "REMOTE" && data.name) error.name = data.name;
  if (data.stack) error.stack = data.stack;
  return error;
}
