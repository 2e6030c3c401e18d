/** What Workers that take their tasks themselves ask: of the scheduler Worker over HTTP, and it of the shards. */
import type { ActivityTaskMessage, ClaimReply, Reply, ShardAddress } from './protocol.ts'

/** The body of `POST /api/v1/task-queues/<name>/poll`. */
export interface Poll {
  /** Random, one per poll: who holds what it is given. */
  claimId: string
  /** Whose poll it is; the next one of the same poller takes its place. */
  poller: string
  /** Tasks at most. */
  limit: number
  /** How long to wait for a first task, 20,000 ms at most. */
  waitMs: number
  /** The answer may have been lost: what this claim holds already is given again. With a limit of 0 it ends the claim. */
  again?: boolean
}

export interface PullRequest {
  v: number
  to: ShardAddress
  taskQueue: string
  poller: string
  claimId: string
  limit: number
  /** Absent: takes what there is. Otherwise takes nothing, and waits until there is something. */
  waitMs?: number
  /** Gives again what `claimId` holds, and ends what the poller waits for. */
  again?: boolean
}

export interface PullReply {
  tasks: PulledTask[]
  /** Whether there is something to be taken. */
  offered: boolean
}

/** A task, granted to the claim that polled for it. */
export interface PulledTask {
  task: ActivityTaskMessage
  grant: Extract<ClaimReply, { ok: true }>
}

/** The verb of a shard for task queues whose tasks are taken. */
export interface PullApi {
  pull(request: PullRequest): Promise<Reply<PullReply>>
}
