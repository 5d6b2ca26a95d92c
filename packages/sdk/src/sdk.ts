/** What users import as `@bellows/sdk`: every public name, and nothing else. */

export type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
export type { CallView } from "@bellows/protocol/call-views";
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
export type {
  EffectiveSetting,
  EffectiveSettings,
  HandleStats,
  LogLineView,
  SettingLayer,
} from "@bellows/protocol/views";
export type { ClassOptions } from "./app.ts";
export { App } from "./app.ts";
export type { BellowsOptions, ClassOf, FunctionOf } from "./bellows.ts";
export { Bellows } from "./bellows.ts";
export type { BatchedClassHandle, BatchedMethodHandles, ClassHandle, MethodHandles } from "./class-handle.ts";
export { currentCallId, currentInputId, currentSignal } from "./context.ts";
export type {
  DefinedBatched,
  DefinedBatchedClass,
  DefinedBatchedMethod,
  DefinedBatchedPython,
  DefinedClass,
  DefinedFunction,
  DefinedGenerator,
  DefinedMethod,
  DefinedPython,
} from "./defined.ts";
export { FunctionCall } from "./function-call.ts";
export type { BatchedHandle, ForEachOptions, FunctionHandle } from "./function-handle.ts";
export type { GeneratorHandle } from "./generator-handle.ts";
export type { AskOptions, Batching, CallOptions, Concurrency, OwnPoolOptions } from "./handle-binding.ts";
export { Image } from "./image.ts";
export { enter, exit, method } from "./lifecycle.ts";
export type { MapOptions, MapProgress, MapResults } from "./map.ts";
export type { MapCallProgress } from "./map-call.ts";
export { MapCall } from "./map-call.ts";
export type { RemoteYields } from "./remote-generator.ts";
export type { Schedule } from "./schedule.ts";
export { cron, period } from "./schedule.ts";
export type { SpawnMapOptions, SpawnMapProgress } from "./spawn-map.ts";
export type { GetOptions } from "./stored-outputs.ts";
export type { ResultsOptions } from "./stored-results.ts";
export { volumePath } from "./volume-path.ts";
