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
import type { Reference, TargetReply } from '../shared/reference.ts'
import type * as S from '../shared/schedule.ts'
import type { LeaseStats, ShardStats, StatsApi, StatsRequest } from '../shared/stats.ts'
import type { EventPage, EventsRequest, RunEventPage, RunEventsRequest } from '../shared/tail.ts'
import { shardName } from '../shared/protocol.ts'
import type * as P from '../shared/protocol.ts'
import type { Tell, TogetherApi, TogetherRequest, Told } from '../shared/together.ts'
import type { SchedulerConfig, ShardVerbs } from './config.ts'
import type { DebugStats } from './debug.ts'
import { readObject, storeObject } from './objects.ts'
import { refusalOf } from './refuse.ts'
import type { SchedulerObject } from './scheduler.ts'
import { address, checked } from './shapes.ts'
import { signed } from './task-tokens.ts'

export class Service implements P.ShardApi, A.ArchiveApi, HealthApi, StatsApi, TogetherApi, PayloadApi {
  readonly #config: SchedulerConfig

  constructor(config: SchedulerConfig) {
    this.#config = config
  }

  start(request: P.StartRequest): P.Answer<P.StartReply> {
    return this.#ask(request.to, (shard) => shard.start(request))
  }

  startMany(request: P.StartManyRequest): P.Answer<P.Reply<P.StartReply>[]> {
    return this.#ask(request.to, (shard) => shard.startMany(request))
  }

  together(request: TogetherRequest, tell: Tell): P.Answer<Told[]> {
    return this.#ask(request.to, (shard) => shard.together(request, tell))
  }

  target(request: P.RunRequest): P.Answer<TargetReply> {
    return this.#ask(request.to, (shard) => shard.target(request))
  }

  storePayload(reference: Reference, content: ReadableStream): P.Answer<null> {
    return storeObject(this.#config.bucket, reference, content)
  }

  readPayload(reference: Reference): P.Answer<ReadableStream> {
    return readObject(this.#config.bucket, reference)
  }

  signal(request: P.SignalRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.signal(request))
  }

  update(request: U.UpdateRequest): P.Answer<U.UpdateReply> {
    return this.#ask(request.to, (shard) => shard.update(request))
  }

  updateResult(request: U.UpdateResultRequest): P.Answer<U.UpdateReply> {
    return this.#ask(request.to, (shard) => shard.updateResult(request))
  }

  cancel(request: P.CloseRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.cancel(request))
  }

  terminate(request: P.CloseRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.terminate(request))
  }

  pause(request: P.CloseRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.pause(request))
  }

  resume(request: P.RunRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.resume(request))
  }

  reset(request: P.ResetRequest): P.Answer<P.StartReply> {
    return this.#ask(request.to, (shard) => shard.reset(request))
  }

  delete(request: P.DeleteRequest): P.Answer<P.DeleteReply> {
    return this.#ask(request.to, (shard) => shard.delete(request))
  }

  result(request: P.ResultRequest): P.Answer<P.ResultReply> {
    return this.#ask(request.to, (shard) => shard.result(request))
  }

  query(request: P.QueryRequest): P.Answer<Payload> {
    return this.#ask(request.to, (shard) => shard.query(request))
  }

  describe(request: DescribeRequest): P.Answer<RunDescription> {
    return this.#ask(request.to, (shard) => shard.describe(request))
  }

  history(request: P.HistoryRequest): P.Answer<P.HistoryPage> {
    return this.#ask(request.to, (shard) => shard.history(request))
  }

  events(request: EventsRequest): P.Answer<EventPage> {
    return this.#ask(request.to, (shard) => shard.events(request))
  }

  runEvents(request: RunEventsRequest): P.Answer<RunEventPage> {
    return this.#ask(request.to, (shard) => shard.runEvents(request))
  }

  list(request: ListRequest): P.Answer<RunList> {
    return this.#ask(request.to, (shard) => shard.list(request))
  }

  count(request: CountRequest): P.Answer<RunCount> {
    return this.#ask(request.to, (shard) => shard.count(request))
  }

  shardCount(namespace: string): Promise<number> {
    return this.#shard({ namespace, shard: 0, shards: 0 }).shardCount(namespace)
  }

  async claim(request: P.ClaimRequest): P.Answer<P.ClaimReply[]> {
    const reply = await this.#ask(request.to, (shard) => shard.claim(request))
    return signed(this.#config.taskTokens, request, reply)
  }

  renew(request: P.RenewRequest): P.Answer<P.RenewReply[]> {
    return this.#ask(request.to, (shard) => shard.renew(request))
  }

  settle(request: P.SettleRequest): P.Answer<P.SettleReply[]> {
    return this.#ask(request.to, (shard) => shard.settle(request))
  }

  undeliverable(request: P.UndeliverableRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.undeliverable(request))
  }

  report(request: ReportRequest): P.Answer<{ cancelRequested: boolean }> {
    return this.#ask(request.to, (shard) => shard.report(request))
  }

  createSchedule(request: S.CreateScheduleRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.createSchedule(request))
  }

  changeSchedule(request: S.ChangeScheduleRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.changeSchedule(request))
  }

  describeSchedule(request: S.ScheduleRequest): P.Answer<S.ScheduleDescription> {
    return this.#ask(request.to, (shard) => shard.describeSchedule(request))
  }

  listSchedules(request: S.ListSchedulesRequest): P.Answer<S.ScheduleList> {
    return this.#ask(request.to, (shard) => shard.listSchedules(request))
  }

  deliver(request: DeliverRequest): P.Answer<DeliverReply> {
    return this.#ask(request.to, (shard) => shard.deliver(request))
  }

  acquireArchive(request: A.AcquireArchiveRequest): P.Answer<A.ArchiveLease> {
    return this.#lease(request.namespace).acquireArchive(request)
  }

  releaseArchive(request: { namespace: string; holder: string }): P.Answer<null> {
    return this.#lease(request.namespace).releaseArchive(request)
  }

  proposeArchive(request: A.ProposeArchiveRequest): P.Answer<A.ArchiveBatch | null> {
    return this.#ask(request.to, (shard) => shard.proposeArchive(request))
  }

  archivePage(request: A.ArchivePageRequest): P.Answer<A.ArchivePage> {
    return this.#ask(request.to, (shard) => shard.archivePage(request))
  }

  confirmArchive(request: A.ConfirmArchiveRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.confirmArchive(request))
  }

  rejectArchive(request: A.RejectArchiveRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.rejectArchive(request))
  }

  coldCandidates(request: A.ColdCandidatesRequest): P.Answer<A.ColdCandidates> {
    return this.#ask(request.to, (shard) => shard.coldCandidates(request))
  }

  markCold(request: A.MarkColdRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.markCold(request))
  }

  proposeExpiry(request: A.ProposeExpiryRequest): P.Answer<A.Expiry | null> {
    return this.#ask(request.to, (shard) => shard.proposeExpiry(request))
  }

  confirmExpiry(request: A.ConfirmExpiryRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.confirmExpiry(request))
  }

  proposePurge(request: A.ProposePurgeRequest): P.Answer<A.Purge> {
    return this.#ask(request.to, (shard) => shard.proposePurge(request))
  }

  confirmPurge(request: A.ConfirmPurgeRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.confirmPurge(request))
  }

  restoreArchive(request: A.RestoreArchiveRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.restoreArchive(request))
  }

  garbage(request: A.GarbageRequest): P.Answer<string[]> {
    return this.#ask(request.to, (shard) => shard.garbage(request))
  }

  collected(request: A.CollectedRequest): P.Answer<null> {
    return this.#ask(request.to, (shard) => shard.collected(request))
  }

  unknownRuns(request: A.UnknownRunsRequest): P.Answer<string[]> {
    return this.#ask(request.to, (shard) => shard.unknownRuns(request))
  }

  health(request: HealthRequest): P.Answer<HealthPage> {
    return this.#ask(request.to, (shard) => shard.health(request))
  }

  shardStats(request: StatsRequest): P.Answer<ShardStats> {
    return this.#ask(request.to, (shard) => shard.shardStats(request))
  }

  leaseStats(request: { namespace: string }): P.Answer<LeaseStats> {
    return this.#lease(request.namespace).leaseStats(request)
  }

  /** Debug hook: drops what lives in memory, of one workflow or of every shard of the namespace. */
  async evict(workflowId?: string, namespace = 'default'): Promise<void> {
    for (const to of await this.#all(namespace)) await this.#debug(to).evict(to, workflowId)
  }

  /** Debug hook: moves every shard's clock ahead, and that of the archive's lease. */
  async advance(ms: number, namespace = 'default'): Promise<void> {
    for (const to of await this.#all(namespace)) await this.#debug(to).advance(to, ms)
    await (this.#lease(namespace) as unknown as Pick<SchedulerObject, 'advanceLease'>).advanceLease(ms) // as in #debug
  }

  /** Debug hook: rows and turns of one shard since it woke. */
  async stats(namespace: string, shard: number): Promise<DebugStats> {
    const shards = await this.shardCount(namespace)
    const to = { namespace, shard, shards }
    return this.#debug(to).stats(to)
  }

  /** The object of the namespace that keeps the lease; it is no shard. */
  #lease(namespace: string): A.ArchiveApi & StatsApi {
    return this.#config.shard(`${namespace}/archive`)
  }

  /** What names no shard is refused here: there is nobody else who could. */
  async #ask<T>(to: P.ShardAddress, ask: (shard: ShardVerbs) => P.Answer<T>): P.Answer<T> {
    try {
      checked(address, to, 'to')
    } catch (error) {
      return refusalOf(error)
    }
    return await ask(this.#shard(to))
  }

  #shard(to: P.ShardAddress): ShardVerbs {
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
