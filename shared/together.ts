/**
 * Calls of one moment to one shard, sent in one.
 *
 * T1 Only calls of the same run of microtasks meet: they belong to one request of a Worker, whoever else shares the client.
 * T2 Each has its own answer as soon as the shard has it: nobody waits for another one's.
 * T3 What is lost on the way is lost to each by itself: whoever asked asks again.
 */
import { parcels } from './parcels.ts'
import { PROTOCOL_VERSION } from './protocol.ts'
import type { ClientApi, Reply, ShardAddress, ShardApi } from './protocol.ts'

/** Their answers are a payload at most, so that many fit into one message. */
export const GATHERED = [
  'start',
  'signal',
  'query',
  'update',
  'updateResult',
  'cancel',
  'terminate',
  'pause',
  'resume',
  'result',
] as const satisfies readonly (keyof ClientApi)[]
export type GatheredVerb = (typeof GATHERED)[number]

export interface GatheredCall {
  verb: GatheredVerb
  request: Parameters<ShardApi[GatheredVerb]>[0]
}

/** Calls of one caller. */
export interface TogetherRequest {
  to: ShardAddress
  calls: GatheredCall[]
}

/** The reply to the call of that place; null for one that broke, which has to be asked alone to hear how. */
export type Told = [place: number, reply: Reply<unknown> | null]
/** Takes replies as they come. */
export type Tell = (answers: readonly Told[]) => unknown

export interface TogetherApi {
  /** Each call is answered once, by `tell` or by what is returned. */
  together(request: TogetherRequest, tell: Tell): Promise<Reply<Told[]>>
}

/** With a payload each, on the way there or back, they stay well below the 32 MiB of one message. */
export const MAX_TOGETHER = 128
const MAX_LENGTH = 4 * 1024 * 1024

interface Pending extends GatheredCall {
  readonly resolve: (reply: Reply<unknown>) => void
  readonly reject: (error: unknown) => void
}

type Stub = ClientApi & TogetherApi

/** The shard behind `stub`, asked so. Whatever is sent takes a stub of its own. */
export function gathering(stub: () => Stub): ClientApi {
  let waiting: Pending[] = []
  const send = (): void => {
    const calls = waiting
    waiting = []
    const limits = { most: MAX_TOGETHER, length: MAX_LENGTH }
    for (const parcel of parcels(calls, limits, ({ request }) => request)) void sent(stub, parcel)
  }
  const gather = (verb: GatheredVerb) => (request: GatheredCall['request']) => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply<unknown>>()
    waiting.push({ verb, request, resolve, reject })
    // Each looks: what a request has left here that was cut off goes with the next one's.
    queueMicrotask(send)
    return promise
  }
  const own = new Map<string | symbol, unknown>(GATHERED.map((verb) => [verb, gather(verb)]))
  return new Proxy({} as ClientApi, { get: (_target, verb) => own.get(verb) ?? passedOn(stub(), verb) })
}

function passedOn(shard: Stub, verb: string | symbol): unknown {
  const method: unknown = Reflect.get(shard, verb)
  if (typeof method !== 'function') return method
  return (...args: unknown[]): unknown => Reflect.apply(method, shard, args)
}

async function sent(stub: () => Stub, parcel: readonly Pending[]): Promise<void> {
  const [first, ...others] = parcel
  if (first && others.length === 0) await sentAlone(stub, first)
  else if (first) await sentTogether(stub, first.request.to, parcel)
}

async function sentTogether(stub: () => Stub, to: ShardAddress, parcel: readonly Pending[]): Promise<void> {
  const tell = (answers: readonly Told[]): void => {
    for (const [place, reply] of answers) {
      const one = parcel[place]
      if (one && reply) one.resolve(reply)
      else if (one) void sentAlone(stub, one)
    }
  }
  try {
    const calls = parcel.map(({ verb, request }) => ({ verb, request }))
    const request = { to, calls, v: PROTOCOL_VERSION }
    const last = await stub().together(request, tell)
    if (last.ok) tell(last.value)
    else for (const one of parcel) one.resolve(last)
  } catch (error) {
    // A scheduler of the release before.
    if (isUnheardOf(error)) for (const one of parcel) void sentAlone(stub, one)
    else for (const one of parcel) one.reject(error)
  }
}

async function sentAlone(stub: () => Stub, { verb, request, resolve, reject }: Pending): Promise<void> {
  try {
    const shard = stub()
    const ask = Reflect.get(shard, verb) as (request: GatheredCall['request']) => Promise<Reply<unknown>> // of that verb
    resolve(await Reflect.apply(ask, shard, [request]))
  } catch (error) {
    reject(error)
  }
}

function isUnheardOf(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not implement the method')
}
