/** What is sent to a workflow, by definition or by name. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: a message used by name only */
import type { Untyped } from './register.ts'

/** A signal's name and payload type; made by `signal()`. */
export interface SignalDefinition<P = any, N extends string = string> {
  /** Tells definitions apart. */
  readonly kind: 'signal'
  /** What callers and histories know it by. */
  readonly name: N
  /** @internal Carries a type; never set. */
  readonly '~p'?: P
}

/** A query's name, result and argument types; made by `query()`. */
export interface QueryDefinition<R = any, A extends unknown[] = any[], N extends string = string> {
  /** Tells definitions apart. */
  readonly kind: 'query'
  /** What callers and histories know it by. */
  readonly name: N
  /** @internal Carries a type; never set. */
  readonly '~r'?: R
  /** @internal Carries a type; never set. */
  readonly '~a'?: A
}

/** An update's name, result and argument types; made by `update()`. */
export interface UpdateDefinition<R = any, A extends unknown[] = any[], N extends string = string> {
  /** Tells definitions apart. */
  readonly kind: 'update'
  /** What callers and histories know it by. */
  readonly name: N
  /** @internal Carries a type; never set. */
  readonly '~r'?: R
  /** @internal Carries a type; never set. */
  readonly '~a'?: A
}

/** What `receiveSignal` gives: the signal, or that its time was out. */
export type SignalResult<T> =
  | {
      /** The signal came in time. */
      received: true
      /** What it carries. */
      payload: T
      /** When it was recorded. */
      receivedAt: Date
    }
  | {
      /** It did not come in time. */
      received: false
    }

/** The messages a workflow declares: what makes `ctx.waitForSignal('payment')` and `handle.query('status')` typed. */
export type MessageMap = Record<string, SignalDefinition | QueryDefinition | UpdateDefinition>

/** The names in `M` of definitions of kind `T`. */
export type Keys<M, T> = Extract<{ [K in keyof M]: M[K] extends T ? K : never }[keyof M], string>
/** Any name, with the known ones offered by editors. */
export type Loose<K extends string> = K | (string & {})
export type SignalPayload<M, K> = K extends keyof M
  ? M[K] extends SignalDefinition<infer P>
    ? P
    : never
  : Untyped
export type QueryResult<M, K> = K extends keyof M
  ? M[K] extends QueryDefinition<infer R, any>
    ? R
    : never
  : Untyped
export type QueryArgs<M, K> = K extends keyof M
  ? M[K] extends QueryDefinition<any, infer A>
    ? A
    : never
  : any[]

export type UpdateResult<M, K> = K extends keyof M
  ? M[K] extends UpdateDefinition<infer R, any>
    ? R
    : never
  : Untyped
export type UpdateArgs<M, K> = K extends keyof M
  ? M[K] extends UpdateDefinition<any, infer A>
    ? A
    : never
  : any[]

/** Where signals can be sent. */
export interface MessageTarget<M extends MessageMap> {
  /** By definition. Resolves when the signal is durably recorded; the same `signalId` is recorded once per run. */
  signal<P>(
    definition: SignalDefinition<P>,
    ...payload: P extends void
      ? [payload?: undefined, options?: { signalId?: string }]
      : [payload: P, options?: { signalId?: string }]
  ): Promise<void>
  /** By name, typed where the workflow declares it. */
  signal<K extends Loose<Keys<M, SignalDefinition>>>(
    name: K,
    payload?: SignalPayload<M, K>,
    options?: { signalId?: string },
  ): Promise<void>
}
