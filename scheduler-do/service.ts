/**
 * The WorkflowService entrypoint: what a service binding reaches. It has the verbs of a shard and forwards each to the
 * shard named in `to`; it keeps no state, so it scales with its callers.
 */
import { WorkflowError } from '../shared/errors.ts'
import type * as A from '../shared/archive.ts'
import type { DeliverReply, DeliverRequest } from '../shared/delivery.ts'
import type { DescribeRequest, RunDescription } from '../shared/description.ts'
import type { CountRequest, ListRequest, RunCount, RunList } from '../shared/list.ts'
import type { HealthApi, HealthPage, HealthRequest } from '../shared/health.ts'
import type { Payload } from '../shared/payload.ts'
import type { ReportRequest } from '../shared/task-token.ts'
import type { PayloadApi } from '../shared/store.ts'
import type * as U from '../shared/update.ts'
import type { Reference } from '../shared/reference.ts'
import type * as S from '../shared/schedule.ts'
import { shardName } from '../shared/protocol.ts'
import type * as P from '../shared/protocol.ts'
import type { SchedulerConfig } from './config.ts'
import type { DebugStats } from './debug.ts'
import { readObject, storeObject } from './objects.ts'
import type { SchedulerObject } from './scheduler.ts'
import { signed } from './task-tokens.ts'

type Answer<T> = Promise<P.Reply<T>>

export class Service implements P.ShardApi, PayloadApi, A.ArchiveApi, HealthApi {
  readonly #config: SchedulerConfig

  constructor(config: SchedulerConfig) {
    this.#config = config
  }

  start(request: P.StartRequest): Answer<P.StartReply> {
    return this.#shard(request.to).start(request)
  }

  startMany(request: P.StartManyRequest): Answer<P.Reply<P.StartReply>[]> {
    return this.#shard(request.to).startMany(request)
  }

  target(request: P.RunRequest): Answer<P.TargetReply> {
    return this.#shard(request.to).target(request)
  }

  storePayload(reference: Reference, content: ReadableStream): Answer<null> {
    return storeObject(this.#config.bucket, reference, content)
  }

  readPayload(reference: Reference): Answer<ReadableStream> {
    return readObject(this.#config.bucket, reference)
  }

  signal(request: P.SignalRequest): Answer<null> {
    return this.#shard(request.to).signal(request)
  }

  update(request: U.UpdateRequest): Answer<U.UpdateReply> {
    return this.#shard(request.to).update(request)
  }

  updateResult(request: U.UpdateResultRequest): Answer<U.UpdateReply> {
    return this.#shard(request.to).updateResult(request)
  }

  cancel(request: P.CloseRequest): Answer<null> {
    return this.#shard(request.to).cancel(request)
  }

  terminate(request: P.CloseRequest): Answer<null> {
    return this.#shard(request.to).terminate(request)
  }

  pause(request: P.CloseRequest): Answer<null> {
    return this.#shard(request.to).pause(request)
  }

  resume(request: P.RunRequest): Answer<null> {
    return this.#shard(request.to).resume(request)
  }

  reset(request: P.ResetRequest): Answer<P.StartReply> {
    return this.#shard(request.to).reset(request)
  }

  delete(request: P.DeleteRequest): Answer<P.DeleteReply> {
    return this.#shard(request.to).delete(request)
  }

  result(request: P.ResultRequest): Answer<P.ResultReply> {
    return this.#shard(request.to).result(request)
  }

  query(request: P.QueryRequest): Answer<Payload> {
    return this.#shard(request.to).query(request)
  }

  describe(request: DescribeRequest): Answer<RunDescription> {
    return this.#shard(request.to).describe(request)
  }

  history(request: P.HistoryRequest): Answer<P.HistoryPage> {
    return this.#shard(request.to).history(request)
  }

  list(request: ListRequest): Answer<RunList> {
    return this.#shard(request.to).list(request)
  }

  count(request: CountRequest): Answer<RunCount> {
    return this.#shard(request.to).count(request)
  }

  shardCount(namespace: string): Promise<number> {
    return this.#shard({ namespace, shard: 0, shards: 0 }).shardCount(namespace)
  }

  async claim(request: P.ClaimRequest): Answer<P.ClaimReply[]> {
    return await signed(this.#config.taskTokens, request, await this.#shard(request.to).claim(request))
  }

  renew(request: P.RenewRequest): Answer<P.RenewReply[]> {
    return this.#shard(request.to).renew(request)
  }

  settle(request: P.SettleRequest): Answer<P.SettleReply[]> {
    return this.#shard(request.to).settle(request)
  }

  undeliverable(request: P.UndeliverableRequest): Answer<null> {
    return this.#shard(request.to).undeliverable(request)
  }

  report(request: ReportRequest): Answer<{ cancelRequested: boolean }> {
    return this.#shard(request.to).report(request)
  }

  createSchedule(request: S.CreateScheduleRequest): Answer<null> {
    return this.#shard(request.to).createSchedule(request)
  }

  changeSchedule(request: S.ChangeScheduleRequest): Answer<null> {
    return this.#shard(request.to).changeSchedule(request)
  }

  describeSchedule(request: S.ScheduleRequest): Answer<S.ScheduleDescription> {
    return this.#shard(request.to).describeSchedule(request)
  }

  listSchedules(request: S.ListSchedulesRequest): Answer<S.ScheduleList> {
    return this.#shard(request.to).listSchedules(request)
  }

  deliver(request: DeliverRequest): Answer<DeliverReply> {
    return this.#shard(request.to).deliver(request)
  }

  acquireArchive(request: A.AcquireArchiveRequest): Answer<A.ArchiveLease> {
    return this.#lease(request.namespace).acquireArchive(request)
  }

  releaseArchive(request: { namespace: string; holder: string }): Answer<null> {
    return this.#lease(request.namespace).releaseArchive(request)
  }

  proposeArchive(request: A.ProposeArchiveRequest): Answer<A.ArchiveBatch | null> {
    return this.#shard(request.to).proposeArchive(request)
  }

  archivePage(request: A.ArchivePageRequest): Answer<A.ArchivePage> {
    return this.#shard(request.to).archivePage(request)
  }

  confirmArchive(request: A.ConfirmArchiveRequest): Answer<null> {
    return this.#shard(request.to).confirmArchive(request)
  }

  rejectArchive(request: A.RejectArchiveRequest): Answer<null> {
    return this.#shard(request.to).rejectArchive(request)
  }

  coldCandidates(request: A.ColdCandidatesRequest): Answer<A.ColdCandidates> {
    return this.#shard(request.to).coldCandidates(request)
  }

  markCold(request: A.MarkColdRequest): Answer<null> {
    return this.#shard(request.to).markCold(request)
  }

  proposeExpiry(request: A.ProposeExpiryRequest): Answer<A.Expiry | null> {
    return this.#shard(request.to).proposeExpiry(request)
  }

  confirmExpiry(request: A.ConfirmExpiryRequest): Answer<null> {
    return this.#shard(request.to).confirmExpiry(request)
  }

  proposePurge(request: A.ProposePurgeRequest): Answer<A.Purge> {
    return this.#shard(request.to).proposePurge(request)
  }

  confirmPurge(request: A.ConfirmPurgeRequest): Answer<null> {
    return this.#shard(request.to).confirmPurge(request)
  }

  restoreArchive(request: A.RestoreArchiveRequest): Answer<null> {
    return this.#shard(request.to).restoreArchive(request)
  }

  garbage(request: A.GarbageRequest): Answer<string[]> {
    return this.#shard(request.to).garbage(request)
  }

  collected(request: A.CollectedRequest): Answer<null> {
    return this.#shard(request.to).collected(request)
  }

  unknownRuns(request: A.UnknownRunsRequest): Answer<string[]> {
    return this.#shard(request.to).unknownRuns(request)
  }

  health(request: HealthRequest): Answer<HealthPage> {
    return this.#shard(request.to).health(request)
  }

  /** Debug hook: drops what lives in memory, of one workflow or of every shard of the namespace. */
  async evict(workflowId?: string, namespace = 'default'): Promise<void> {
    for (const to of await this.#all(namespace)) await this.#debug(to).evict(to, workflowId)
  }

  /** Debug hook: moves every shard's clock ahead, and that of the archive's lease. */
  async advance(ms: number, namespace = 'default'): Promise<void> {
    for (const to of await this.#all(namespace)) await this.#debug(to).advance(to, ms)
    // The object behind the stub is our own class, as above.
    await (this.#lease(namespace) as unknown as Pick<SchedulerObject, 'advanceLease'>).advanceLease(ms)
  }

  /** Debug hook: rows and turns of one shard since it woke. */
  async stats(namespace: string, shard: number): Promise<DebugStats> {
    const shards = await this.shardCount(namespace)
    const to = { namespace, shard, shards }
    return this.#debug(to).stats(to)
  }

  /** The object of the namespace that keeps the lease; it is no shard. */
  #lease(namespace: string): A.ArchiveApi {
    return this.#config.shard(`${namespace}/archive`)
  }

  #shard(to: P.ShardAddress): P.ShardApi & A.ArchiveApi & HealthApi {
    return this.#config.shard(shardName(to.namespace, to.shard))
  }

  #debug(to: P.ShardAddress): Pick<SchedulerObject, 'evict' | 'advance' | 'stats'> {
    if (!this.#config.debugHooks) {
      throw new WorkflowError('forbidden', 'debug hooks answer only where the variable DEBUG_HOOKS is set')
    }
    // The object behind the stub is our own class: it has its debug hooks beside the verbs.
    return this.#shard(to) as unknown as Pick<SchedulerObject, 'evict' | 'advance' | 'stats'>
  }

  async #all(namespace: string): Promise<P.ShardAddress[]> {
    const shards = await this.shardCount(namespace)
    return Array.from({ length: shards }, (_, shard) => ({ namespace, shard, shards }))
  }
}
