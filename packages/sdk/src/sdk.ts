/** What users import as `@bellows/sdk`: every public name, and nothing else. */

export type { Duration } from "@bellows/protocol/duration";
export type { ErrorCode } from "@bellows/protocol/errors";
export {
  AuthError,
  BellowsError,
  CancelledError,
  ConflictError,
  ConnectionError,
  ContainerCrashedError,
  FunctionTimeoutError,
  InternalError,
  InvalidError,
  LimitExceededError,
  NotFoundError,
  OutputExpiredError,
  PayloadTooLargeError,
  PermissionDeniedError,
  RemoteError,
  SerializationError,
  StartupError,
  TimeoutError,
} from "@bellows/protocol/errors";
export type { FunctionOptions } from "@bellows/protocol/function-options";
export type { CallView } from "@bellows/protocol/views";
export type { DefinedFunction } from "./app.ts";
export { App } from "./app.ts";
export type { BellowsOptions, FunctionOf } from "./bellows.ts";
export { Bellows } from "./bellows.ts";
export { currentCallId, currentInputId, currentSignal } from "./context.ts";
export type { GetOptions } from "./function-call.ts";
export { FunctionCall } from "./function-call.ts";
export type { CallOptions, FunctionHandle } from "./function-handle.ts";
export type { MapOptions, MapProgress, MapResults } from "./map.ts";
export type { Schedule } from "./schedule.ts";
export { cron, period } from "./schedule.ts";
