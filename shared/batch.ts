/** Many starts in one call per shard, which takes them in one turn and commits them together. */
import type { Shards } from './connection.ts'
import { encodedStart, isSmall, sendStart } from './edge.ts'
import type { WorkflowError } from './errors.ts'
import type { WorkflowHandle } from './workflow-handle.ts'
import type { MessageMap } from './message.ts'
import { parcels } from './parcels.ts'
import { isPassing } from './passing.ts'
import type { StartReply, StartRequest } from './protocol.ts'
import { refusalError } from './refusal.ts'

/** What came of each item of `startBatch`. */
export interface BatchStarted<R, M extends MessageMap> {
  /** In the order of their items; an item that failed has none. */
  started: WorkflowHandle<R, M>[]
  /** Of the items that could not be started. */
  errors: {
    /** The item's place in the list, from 0. */
    index: number
    /** As `start` would have thrown it. */
    error: WorkflowError
  }[]
}

interface Pending {
  readonly request: StartRequest
  readonly resolve: (reply: StartReply) => void
  readonly reject: (error: unknown) => void
}

/** Gathers what is started in the same moment. */
export class StartBatch {
  readonly #shards: Shards
  #gathered: Pending[] = []

  constructor(shards: Shards) {
    this.#shards = shards
  }

  start(request: StartRequest): Promise<StartReply> {
    if (this.#gathered.length === 0) queueMicrotask(() => this.#send())
    const { promise, resolve, reject } = Promise.withResolvers<StartReply>()
    this.#gathered.push({ request, resolve, reject })
    return promise
  }

  #send(): void {
    const byShard = Map.groupBy(this.#gathered, ({ request }) => request.to.shard)
    this.#gathered = []
    for (const group of byShard.values()) void sendInTurn(this.#shards, group)
  }
}

async function sendInTurn(shards: Shards, group: readonly Pending[]): Promise<void> {
  for (const call of calls(await encoded(shards, group))) {
    const [first, ...others] = call
    if (first && others.length === 0) await sendAlone(shards, first)
    else if (first) await sendTogether(shards, first.request, call)
  }
}

/** Those whose payloads could be put behind the client's codec; the others have been told. */
async function encoded(shards: Shards, group: readonly Pending[]): Promise<readonly Pending[]> {
  if (!shards.coding) return group
  const ready: Pending[] = []
  for (const pending of group) {
    await encodedStart(shards, pending.request).then(
      (request) => ready.push({ ...pending, request }),
      (error: unknown) => pending.reject(error),
    )
  }
  return ready
}

/** Of one call: its turn should stay short. */
const MAX_STARTS = 500

/** What goes in one call each. A start whose payloads are stored first goes alone. */
function* calls(group: readonly Pending[]): Generator<Pending[]> {
  const bySize = Map.groupBy(group, ({ request }) => isSmall(request))
  yield* parcels(bySize.get(true) ?? [], MAX_STARTS, ({ request }) => request)
  for (const one of bySize.get(false) ?? []) yield [one]
}

async function sendAlone(shards: Shards, { request, resolve, reject }: Pending): Promise<void> {
  await sendStart(shards, request).then(resolve, reject)
}

async function sendTogether(shards: Shards, { to }: StartRequest, call: readonly Pending[]): Promise<void> {
  try {
    const starts = call.map(({ request }) => request)
    const replies = await shards.ask({ to, starts }, (shard, request) => shard.startMany(request))
    for (const [place, pending] of call.entries()) {
      const reply = replies[place]
      if (reply?.ok) pending.resolve(reply.value)
      // It may succeed in a moment, and the same start counts once: it is asked for by itself.
      else if (!reply || isPassing(refusalError(reply))) await sendAlone(shards, pending)
      else pending.reject(refusalError(reply, pending.request.workflowId))
    }
  } catch (error) {
    for (const { reject } of call) reject(error)
  }
}
