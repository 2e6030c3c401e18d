/**
 * Children of a reset run that ended when nobody was there to hear it, since the run that was reset had closed. They are
 * asked once the new run is committed: from then on it is told of every end.
 */
import { serializeError } from '../shared/core/failure.ts'
import type { RunLink } from '../shared/core/events.ts'
import { emptyState, evolve } from '../shared/core/state.ts'
import type { Delivery } from '../shared/delivery.ts'
import { PROTOCOL_VERSION, shardName } from '../shared/protocol.ts'
import type { Refusal, Reply, ResultReply } from '../shared/protocol.ts'
import { refusalError } from '../shared/refusal.ts'
import { applyDelivery } from './deliver.ts'
import { ask } from './inbox.ts'
import type { Shard } from './shard.ts'
import { wholeHistory } from './store/history.ts'

interface Child extends RunLink {
  /** The call that began it, which its parent's runs know it by. */
  readonly parentRunId: string
  readonly seq: number
  readonly shard: number
}
type End = Pick<Extract<Delivery, { kind: 'child_closed' }>, 'status' | 'result' | 'error'>

/** Tells the run what its children have come to. A refusal of a shard that could not say: whoever asked asks again. */
export async function hearChildren(shard: Shard, run: RunLink): Promise<Refusal | null> {
  const children = await shard.read(async () => openChildren(shard, run))
  const refusals = await Promise.all(children.map((child) => hear(shard, run.workflowId, child)))
  return refusals.find((refusal) => refusal !== null) ?? null
}

function openChildren(shard: Shard, { workflowId, runId }: RunLink): Child[] {
  const state = emptyState(workflowId, runId)
  for (const event of wholeHistory(shard.sql, runId).events) evolve(state, event)
  if (state.closed) return []
  return [...state.children].flatMap(([seq, { requested, started, from }]) =>
    started && from !== undefined
      ? [{ ...started, workflowId: requested.workflowId, parentRunId: from, seq }]
      : [],
  )
}

async function hear(shard: Shard, workflowId: string, child: Child): Promise<Refusal | null> {
  const end = await endOf(shard, child)
  if (!end.ok) return end
  if (end.value === null) return null
  const { parentRunId, seq } = child
  const told = { kind: 'child_closed', to: { workflowId, runId: parentRunId }, seq, ...end.value } as const
  const { job, reply } = ask<null>((turn, answer) => {
    applyDelivery(turn, shard, told)
    answer({ ok: true, value: null })
  })
  shard.submit(job)
  const applied = await reply
  return applied.ok ? null : applied
}

/** How the child's last run ended; null: it is open. */
async function endOf(shard: Shard, child: Child): Promise<Reply<End | null>> {
  const { namespace, shards } = shard.address
  const to = { namespace, shard: child.shard, shards }
  const asked = { v: PROTOCOL_VERSION, to, workflowId: child.workflowId, waitMs: 0, follow: true }
  for (let { runId } = child; ;) {
    const reply = await shard.config.shard(shardName(namespace, child.shard)).result({ ...asked, runId })
    if (!reply.ok) return reply.code === 'workflow_not_found' ? { ok: true, value: gone(reply) } : reply
    const { value } = reply
    if (value.status !== 'running') return { ok: true, value: ended(value) }
    if (value.runId === runId) return { ok: true, value: null }
    runId = value.runId
  }
}

/** One whose next run has been deleted went on, and has no end. */
function ended(reply: Exclude<ResultReply, { status: 'running' }>): End {
  if (reply.status === 'completed') return { status: reply.status, result: reply.result }
  const { status, error } = reply
  return { status: status === 'continued_as_new' ? 'failed' : status, error }
}

/** It has been deleted: how it ended nobody knows. */
function gone(refusal: Refusal): End {
  return { status: 'failed', error: serializeError(refusalError(refusal)) }
}
