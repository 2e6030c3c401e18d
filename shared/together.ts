/**
 * Calls of one moment to one shard, sent in one.
 *
 * T1 In a Worker only calls of the same run of microtasks meet: they belong to one request, whoever else shares the client.
 * T2 Each has its own answer as soon as the shard has it: nobody waits for another one's.
 * T3 What is lost on the way is lost to each by itself: whoever asked asks again. Where the call fails for another reason,
 *    each goes alone: the reason may be one of them.
 */
import { parcels } from './parcels.ts'
import { isPassing } from './passing.ts'
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

interface Pending extends GatheredCall {
  readonly resolve: (reply: Reply<unknown>) => void
  readonly reject: (error: unknown) => void
}

type Stub = ClientApi & TogetherApi

/** The shard behind `stub`, asked so. Whatever is sent takes a stub of its own. `later`: when a moment is over. */
export function gathering(
  stub: () => Stub,
  later: (send: () => void) => unknown = queueMicrotask,
): ClientApi {
  let waiting: Pending[] = []
  const send = (): void => {
    const calls = waiting
    waiting = []
    for (const parcel of parcels(calls, MAX_TOGETHER, ({ request }) => request)) void sent(stub, parcel)
  }
  const gather = (verb: GatheredVerb) => (request: GatheredCall['request']) => {
    const { promise, resolve, reject } = Promise.withResolvers<Reply<unknown>>()
    waiting.push({ verb, request, resolve, reject })
    // Each looks: what a request has left here that was cut off goes with the next one's.
    later(send)
    return promise
  }
  const own = new Map<string | symbol, unknown>(GATHERED.map((verb) => [verb, gather(verb)]))
  return new Proxy({} as ClientApi, { get: (_target, verb) => own.get(verb) ?? passedOn(stub(), verb) })
}

/** A method of the shard; a stub has every one that is asked of it. */
function passedOn(shard: Stub, verb: string | symbol) {
  const method = Reflect.get(shard, verb) as (...args: unknown[]) => Promise<Reply<unknown>> // of the verb
  return (...args: unknown[]): Promise<Reply<unknown>> => Reflect.apply(method, shard, args)
}

async function sent(stub: () => Stub, parcel: readonly Pending[]): Promise<void> {
  const [first, other] = parcel
  if (!first) return
  if (!other) return await sentAlone(stub, first)
  const left = new Set(parcel)
  const tell = (answers: readonly Told[]): void => {
    for (const [place, reply] of answers) {
      const one = parcel[place]
      if (!one || !left.delete(one)) continue
      if (reply) one.resolve(reply)
      else void sentAlone(stub, one)
    }
  }
  try {
    const calls = parcel.map(({ verb, request }) => ({ verb, request }))
    const request = { to: first.request.to, calls, v: PROTOCOL_VERSION }
    const last = await stub().together(request, tell)
    if (last.ok) tell(last.value)
    else for (const one of left) one.resolve(last)
  } catch (error) {
    for (const one of left) {
      if (isPassing(error)) one.reject(error)
      else void sentAlone(stub, one)
    }
  }
}

async function sentAlone(stub: () => Stub, { verb, request, resolve, reject }: Pending): Promise<void> {
  try {
    resolve(await passedOn(stub(), verb)(request))
  } catch (error) {
    reject(error)
  }
}
