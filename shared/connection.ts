/**
 * How a client reaches the shards of a namespace.
 *
 * C1 Every attempt uses a new stub: one that broke stays broken.
 * C2 An attempt that may or may not have arrived is made again with the same request, whose ids make it count once.
 *    A refusal is an answer and is not asked for again, except `overloaded` and `workflow_not_begun`: those after the
 *    pause they ask for.
 * C3 The shard count is asked of shard 0 until it is known; the client's own option is sent instead, never trusted:
 *    a shard refuses a count that is not its namespace's.
 */
import pRetry from 'p-retry'
import type { Coding } from './codec.ts'
import { WorkflowError } from './errors.ts'
import type { HttpConnection } from './http.ts'
import { overHttp } from './http-connection.ts'
import type { ClientInterceptor } from './interceptor.ts'
import { invalid } from './names.ts'
import { isPassing, isUnconfigured } from './passing.ts'
import { PROTOCOL_VERSION, shardName } from './protocol.ts'
import type { ClientApi, Reply, ShardAddress } from './protocol.ts'
import { refusalError } from './refusal.ts'
import { shardOf } from './shard.ts'
import { bucketStore, noStore, serviceStore } from './store.ts'
import type { PayloadApi, PayloadStore } from './store.ts'
import { pause, realTime } from './time.ts'
import { gathering } from './together.ts'
import type { TogetherApi } from './together.ts'

/** Structural: a DurableObjectNamespace is anything with idFromName and get, whatever types package names it. */
export interface EngineNamespace {
  /** The id of the shard of that name. */
  idFromName(name: string): unknown
  /** The stub of the shard. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the id type of the user's own types package
  get(id: any): unknown
}

/** A service binding to the scheduler's `WorkflowService` entrypoint: how any Worker enqueues work. */
export interface ServiceBinding {
  /** What every service binding has; the client calls the methods of the entrypoint. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the request types of the user's own types package
  fetch(...args: any[]): unknown
}

/** A shard by address, on a stub of its own. */
export type Connection = (to: ShardAddress) => ClientApi

/** A shard over a binding. */
type BoundApi = ClientApi & TogetherApi

/** How the shards are reached, and where large payloads go. */
export interface Reach {
  readonly connection: Connection
  readonly store: PayloadStore
}

/** By a binding, or over HTTP; `archive` is the bucket that the client was given, undefined where it was given none. */
export function reachOf(given: EngineNamespace | ServiceBinding | HttpConnection, archive: unknown): Reach {
  const bucket = archive === undefined ? undefined : bucketStore(archive)
  if (isNamespace(given)) return { connection: namespaceConnection(given), store: bucket ?? noStore }
  if (isHttp(given)) return overHttp(given)
  if (!isObject(given) || !('fetch' in given))
    throw invalid(
      'connection',
      'the Scheduler namespace, a service binding to WorkflowService, or { url, token }',
      given,
    )
  const store = bucket ?? serviceStore(given as unknown as PayloadApi) // as shardApi has it
  return { connection: gathered(() => () => shardApi(given)), store }
}

/** A name's id never changes, so it is made once; the stub is made for each call. */
function namespaceConnection(binding: EngineNamespace): Connection {
  return gathered((name) => {
    const id = binding.idFromName(name)
    return () => shardApi(binding.get(id))
  })
}

/** Each shard by itself: `stubs` is asked once for each name. */
function gathered(stubs: (name: string) => () => BoundApi): Connection {
  const shards = new Map<string, ClientApi>()
  return ({ namespace, shard }) => {
    const name = shardName(namespace, shard)
    const known = shards.get(name) ?? gathering(stubs(name))
    shards.set(name, known)
    return known
  }
}

/** The shards of one namespace, as one client sees them. */
export class Shards {
  readonly #connection: Connection
  readonly #namespace: string
  readonly #store: PayloadStore
  readonly coding: Coding | null
  readonly interceptors: readonly ClientInterceptor[]
  #count: number | undefined
  #asking: Promise<number> | undefined

  constructor(
    connection: Connection,
    namespace: string,
    options: {
      shards: number | undefined
      store: PayloadStore
      coding: Coding | null
      interceptors?: readonly ClientInterceptor[] | undefined
    },
  ) {
    this.#connection = connection
    this.#namespace = namespace
    this.#store = options.store
    this.coding = options.coding
    this.interceptors = options.interceptors ?? []
    this.#count = options.shards
  }

  /** Where large payloads are put and found; both may be repeated. */
  get payloads(): PayloadStore {
    return {
      put: (owner, content) => retried(() => this.#store.put(owner, content)),
      get: (reference) => retried(() => this.#store.get(reference)),
    }
  }

  /** The shard that holds `workflowId`. */
  async of(workflowId: string): Promise<ShardAddress> {
    const shards = await this.#shardCount()
    return { namespace: this.#namespace, shard: shardOf(workflowId, shards), shards }
  }

  async all(): Promise<ShardAddress[]> {
    const shards = await this.#shardCount()
    return Array.from({ length: shards }, (_, shard) => ({ namespace: this.#namespace, shard, shards }))
  }

  /** What the shard at `request.to` answers, or its refusal as an error. */
  async ask<R extends { to: ShardAddress; workflowId?: string }, T>(
    request: R,
    verb: (shard: ClientApi, request: R) => Promise<Reply<T>>,
    poll?: Poll,
  ): Promise<T> {
    return await retried(async () => {
      const reply = await verb(this.#connection(request.to), { ...request, v: PROTOCOL_VERSION })
      if (reply.ok) return reply.value
      throw refusalError(reply, request.workflowId)
    }, poll)
  }

  async #shardCount(): Promise<number> {
    return (this.#count ??= await this.#asked())
  }

  /** Shared by those who ask in one moment: they belong to one request of a Worker, and another one's promises end with it. */
  #asked(): Promise<number> {
    queueMicrotask(() => (this.#asking = undefined))
    return (this.#asking ??= this.#askShardCount())
  }

  #askShardCount(): Promise<number> {
    const shardZero = { namespace: this.#namespace, shard: 0, shards: 0 }
    return retried(() => this.#connection(shardZero).shardCount(this.#namespace))
  }
}

/** A call that is held open until something happens. */
export interface Poll {
  signal?: AbortSignal
  /** Changes nothing, so that it is asked again however long the shard has no time for it. */
  lasting?: true
}

/** Five attempts within about five seconds: a deploy resets every object. */
export const RETRY = { retries: 4, minTimeout: 100, factor: 3, randomize: true }
/** A poll that was held for this long was being served: its loss is not one of its five. */
const SERVED_MS = 1_000

/** A shard that asks for a pause beyond this, since the first attempt, is not asked again. */
const PATIENCE_MS = 10_000

/** Nearly every call is answered at once; only one that was not pays for the machinery of retries. */
async function retried<T>(attempt: () => Promise<T>, poll?: Poll): Promise<T> {
  const startedAt = Date.now()
  try {
    return await attempt()
  } catch (error) {
    if (!isPassing(error)) throw failed(error, poll)
    return await retriedAfter({ error, startedAt }, attempt, poll)
  }
}

/** The attempts that follow a first one, whose failure counts as theirs do. */
async function retriedAfter<T>(
  first: { error: Error; startedAt: number },
  attempt: () => Promise<T>,
  poll?: Poll,
): Promise<T> {
  let { startedAt } = first
  const timed = async (number: number): Promise<T> => {
    if (number === 1) throw first.error
    startedAt = Date.now()
    return await attempt()
  }
  try {
    return await pRetry(timed, {
      ...RETRY,
      shouldRetry: async ({ error }) => {
        const askedMs = askedPauseMs(error)
        const leftMs = poll?.lasting ? Infinity : first.startedAt + PATIENCE_MS - Date.now()
        if (!isPassing(error) || (askedMs > 0 && askedMs > leftMs)) return false
        await pause(realTime, Math.min(askedMs * (1 + Math.random()), leftMs), poll?.signal)
        return true
      },
      shouldConsumeRetry: ({ error }) =>
        askedPauseMs(error) > 0 ? !poll?.lasting : poll === undefined || Date.now() - startedAt < SERVED_MS,
      ...(poll?.signal && { signal: poll.signal }),
    })
  } catch (error) {
    throw failed(error, poll)
  }
}

/** What the caller is told: a coded error, or the reason for which the wait was given up. */
function failed(error: unknown, poll: Poll | undefined): unknown {
  return error instanceof WorkflowError || poll?.signal?.aborted === true ? error : unanswered(error)
}

function unanswered(cause: unknown): WorkflowError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (reason.includes('does not implement the method')) {
    const message = 'the connection leads to neither a Scheduler object nor the WorkflowService entrypoint'
    return new WorkflowError('not_configured', message, { cause })
  }
  if (isUnconfigured(cause)) return new WorkflowError('not_configured', `the scheduler: ${reason}`, { cause })
  return new WorkflowError('internal', `the scheduler did not answer: ${reason}`, { cause })
}

function askedPauseMs(error: unknown): number {
  return (error instanceof WorkflowError && error.retryAfterMs) || 0
}

/** A service binding has every name asked of it, `idFromName` too; a namespace has only its own, and `fetch` is none. */
function isNamespace(binding: unknown): binding is EngineNamespace {
  return isObject(binding) && 'idFromName' in binding && !('fetch' in binding)
}

/** A stub has every name asked of it, and none is a text. */
function isHttp(given: unknown): given is HttpConnection {
  return isObject(given) && typeof Reflect.get(given, 'url') === 'string'
}

function shardApi(stub: unknown): BoundApi {
  if (isObject(stub)) return stub as BoundApi // it has every name; whether the other side does shows when it is called
  throw invalid('connection', 'a binding whose stubs are objects', stub)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
