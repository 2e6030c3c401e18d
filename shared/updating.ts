/** Updates as their callers see them. */
import type { Shards } from './connection.ts'
import { deserializeError } from './core/failure.ts'
import { received } from './edge.ts'
import { newId } from './ids.ts'
import { checkedName, invalid } from './names.ts'
import { sendablePayload } from './payload.ts'
import { POLL_MS } from './result.ts'
import type { RunTarget } from './result.ts'
import type { UpdateReply, UpdateRequest } from './update.ts'

/** An update that was accepted, or is asked for by its id. */
export interface UpdateHandle<R> {
  /** What any client finds it by, with `handle.getUpdate`. */
  readonly updateId: string
  /** Waits until the handler has ended: its result, or what it threw. */
  result(): Promise<R>
}

/** What an update carries. */
export interface UpdateOptions<A extends unknown[]> {
  /** The arguments of the handler. */
  args: A
  /** The same id is run once per run of the workflow, and answers alike whoever asks. Made per call when absent. */
  updateId?: string
}

/** An update before it is known how long its caller waits. */
export type UpdateDraft = Pick<UpdateRequest, 'updateId' | 'name' | 'args'>

export function updateDraft(
  update: { readonly name: string } | string,
  { args, updateId }: UpdateOptions<unknown[]>,
): UpdateDraft {
  if (!Array.isArray(args)) throw invalid('args', 'a list of arguments', args)
  const encoded = sendablePayload(args, 'args')
  return {
    name: checkedName(typeof update === 'string' ? update : update?.name, 'update'),
    updateId: updateId === undefined ? newId() : checkedName(updateId, 'updateId'),
    ...(encoded !== undefined && { args: encoded }),
  }
}

export class AcceptedUpdate<R> implements UpdateHandle<R> {
  readonly updateId: string
  readonly #shards: Shards
  readonly #target: RunTarget

  constructor(shards: Shards, target: RunTarget, updateId: string) {
    this.updateId = updateId
    this.#shards = shards
    this.#target = target
  }

  async result(): Promise<R> {
    const to = await this.#shards.of(this.#target.workflowId)
    let target = this.#target
    for (;;) {
      const request = { to, ...target, updateId: this.updateId, waitMs: POLL_MS }
      const poll = { lasting: true } as const
      const reply = await this.#shards.ask(request, (shard, one) => shard.updateResult(one), poll)
      if (reply.status !== 'accepted') return await this.outcome(reply)
      target = { ...target, runId: reply.runId } // all polls are of one run
    }
  }

  /** What the handler gave; `accepted`: it is still under way. */
  async outcome(reply: UpdateReply): Promise<R> {
    if (reply.status === 'accepted') return await this.result()
    if (reply.status === 'failed') throw deserializeError(reply.error)
    return (await received(this.#shards, reply.result)) as R // as defined
  }
}
