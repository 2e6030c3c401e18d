/**
 * `perdure`: what workflow authors, activity Workers and clients import. No platform module is imported from here, so
 * it runs in Workers, Node and browsers.
 *
 * @module perdure
 */
export { WorkflowWorker } from '../activity-worker/index.ts'
export type { WorkerOptions } from '../activity-worker/index.ts'

export { activity, defineActivity, query, signal, update, workflow } from './define.ts'
export { sleep } from './replay/ambient.ts'
export type {
  ActivityContext,
  ActivityDefinition,
  ActivityOptions,
  RetryPolicy,
  StepContext,
} from './activity.ts'
export type { ChildHandle, ChildOptions } from './child.ts'
export type { Scope, WorkflowContext } from './context.ts'
export type {
  MessageMap,
  MessageTarget,
  QueryDefinition,
  SignalDefinition,
  SignalResult,
  UpdateDefinition,
} from './message.ts'
export type { Register } from './register.ts'
export type { SearchAttribute, SearchAttributes } from './attributes.ts'
export type { ContinueAsNewOptions, WorkflowDefinition, WorkflowOptions } from './workflow.ts'

export type { BatchStarted } from './batch.ts'
export type { BulkAction, BulkProgress } from './bulk.ts'
export { WorkflowClient } from './client.ts'
export type { ClientOptions } from './client.ts'
export type { ActivityCompletion } from './completion.ts'
export type { EngineNamespace, ServiceBinding } from './connection.ts'
export type { ResetOptions, WorkflowHandle } from './workflow-handle.ts'
export type { UpdateHandle, UpdateOptions } from './updating.ts'
export type { ClientInterceptor, QueryCall, SignalCall, StartCall, UpdateCall } from './interceptor.ts'
export type { HistoryEvent, HistoryEventType, WorkflowInfo, WorkflowStatus, WorkflowSummary } from './info.ts'
export type { CountGroup } from './list.ts'
export type { ListFilter, Listing, ListOrder, Page } from './listing.ts'
export type { IdConflict, IdReuse } from './protocol.ts'
export type { HttpConnection } from './http.ts'
export type { ResultOptions } from './result.ts'
export type { CreateScheduleOptions, ScheduleClient, ScheduleHandle, ScheduleInfo } from './schedules.ts'
export type { SchedulePolicy, ScheduleSpec } from './schedule.ts'
export type { SignalOptions, StartOptions } from './start.ts'

export type { WorkflowCdcEvent } from './cdc.ts'
export type { RunTailOptions, TailedEvent, TailOptions } from './tailing.ts'

export { EncodedPayload } from './encoded.ts'
export type { CodecOptions, PayloadCodec, PayloadMeta } from './codec.ts'
export { LargePayload } from './reference.ts'

export { traceparent } from './trace.ts'

export { duration } from './duration.ts'
export type { Duration, DurationString, Instant } from './duration.ts'

export {
  ActivityError,
  ApplicationError,
  CancelledError,
  ChildWorkflowError,
  CompensationError,
  NonDeterminismError,
  QueryNotRegisteredError,
  SignalTimeoutError,
  TerminatedError,
  TimeoutError,
  WorkerShutdownError,
  WorkflowAlreadyStartedError,
  WorkflowError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from './errors.ts'
export type { ErrorCode } from './error-code.ts'
export type { FailedStatus, SerializedError, TimeoutKind } from './errors.ts'
