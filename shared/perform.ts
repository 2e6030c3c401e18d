/** The eager lane: attempts that a shard hands to an activity Worker itself, their claims granted. */
import type { ActivityTaskMessage, ClaimReply, SettleRequest, ShardAddress } from './protocol.ts'

export interface PerformRequest {
  v: number
  to: ShardAddress
  /** Who holds the claims. */
  claimId: string
  tasks: { task: ActivityTaskMessage; grant: Extract<ClaimReply, { ok: true }> }[]
}

/** How those have ended that were not settled by a request of their own. */
export interface PerformReply {
  settled: SettleRequest['tasks']
}

/** The entrypoint `Activities` of an activity Worker. The call is open for as long as an attempt of it runs. */
export interface ActivitiesApi {
  perform(request: PerformRequest): Promise<PerformReply>
}
