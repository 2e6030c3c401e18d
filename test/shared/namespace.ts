/** A Scheduler namespace written by hand, where tests decide what shards answer. Not a mock of ours: the platform's side. */
import { vi } from 'vitest'
import type { EngineNamespace } from '../../shared/index.ts'
import type { Refusal } from '../../shared/protocol.ts'

interface Call {
  object: string
  stub: number
  verb: string
  request: any // oxlint-disable-line typescript/no-explicit-any -- of any verb; tests know which
}

export type Verb = (request: never, lent: never) => unknown

/** A namespace of four shards: each `get` is a new stub, each call is noted with the stub it was made on. */
export class Namespace implements EngineNamespace {
  readonly calls: Call[] = []
  readonly #verbs: Record<string, Verb>
  #stubs = 0

  constructor(verbs: Record<string, Verb>) {
    this.#verbs = { shardCount: () => 4, ...verbs }
  }

  idFromName(name: string): string {
    return name
  }

  get(object: string): unknown {
    const stub = ++this.#stubs
    const call = (verb: string) => async (request: never, lent: never) => {
      this.calls.push({ object, stub, verb, request })
      return await this.#verbs[verb]!(request, lent)
    }
    return new Proxy({}, { get: (_, verb) => call(String(verb)) })
  }

  made(verb: string): Call[] {
    return this.calls.filter((call) => call.verb === verb)
  }
}

export const ok = (value: unknown): object => ({ ok: true, value })
export const refused = (code: Refusal['code'], facts: Refusal['facts'] = {}): Refusal => ({
  ok: false,
  code,
  message: code,
  facts,
})
export const lost = (): Error => Object.assign(new Error('Network connection lost.'), { retryable: true })
/** Each call takes the next of `outcomes`; an Error is thrown. */
export const inTurn = (...outcomes: unknown[]): Verb => {
  return () => {
    const outcome = outcomes.shift()
    if (outcome instanceof Error) throw outcome
    return outcome
  }
}

/** `work` with time going by as fast as it is waited for. */
export async function settled<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
  const both = Promise.allSettled([work])
  await vi.runAllTimersAsync()
  return (await both)[0]
}
