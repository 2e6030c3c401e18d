/** The Scheduler Durable Object: one shard of a namespace. Its methods are the verbs of `ShardApi`, checked and passed on. */
import type * as P from '../shared/protocol.ts'
import type * as A from '../shared/archive.ts'
import type { DeliverReply, DeliverRequest } from '../shared/delivery.ts'
import type { DescribeRequest, Replayed, RunDescription } from '../shared/description.ts'
import type { CountRequest, ListRequest, RunCount, RunList } from '../shared/list.ts'
import type { Payload } from '../shared/payload.ts'
import type { ReportRequest } from '../shared/task-token.ts'
import type { HealthPage, HealthRequest } from '../shared/health.ts'
import type { PullReply, PullRequest } from '../shared/pull.ts'
import type { TargetReply } from '../shared/reference.ts'
import type * as S from '../shared/schedule.ts'
import type { LeaseStats, ShardStats, StatsRequest } from '../shared/stats.ts'
import type { EventPage, EventsRequest, RunEventPage, RunEventsRequest } from '../shared/tail.ts'
import type { Tell, TogetherRequest, Told } from '../shared/together.ts'
import type * as U from '../shared/update.ts'
import * as activities from './activities.ts'
import * as archive from './archive.ts'
import * as cooling from './cooling.ts'
import type { SchedulerConfig, ShardVerbs } from './config.ts'
import { count } from './counting.ts'
import { advance, advanceClock, evict, stats } from './debug.ts'
import type { DebugStats } from './debug.ts'
import { remove } from './deletion.ts'
import { deliver } from './delivery.ts'
import { health } from './health/check.ts'
import * as expiry from './expiry.ts'
import { acquireArchive, releaseArchive, underFence } from './lease.ts'
import { list } from './listing.ts'
import * as purge from './purge.ts'
import { pull } from './pull.ts'
import { query } from './query.ts'
import * as requests from './requests.ts'
import { replay } from './replay.ts'
import { reset } from './reset.ts'
import { restoreArchive } from './restore.ts'
import { runEvents } from './run-tail.ts'
import * as schedules from './schedules/requests.ts'
import type { ObjectState } from './runtime.ts'
import { Serving } from './serving.ts'
import { checked, namespace as namespaceShape } from './shapes.ts'
import type { Shard } from './shard.ts'
import { leaseStats, shardStats } from './stats.ts'
import { together } from './together.ts'
import { unknownRuns } from './unknown.ts'
import * as updates from './updates.ts'
import * as verbs from './verbs.ts'
import * as visibility from './visibility.ts'
import * as wire from './wire.ts'

export class SchedulerObject implements ShardVerbs {
  readonly #serving: Serving
  readonly #serve: Serving['serve'] = (shape, request, verb) => this.#serving.serve(shape, request, verb)

  constructor(ctx: ObjectState, config: SchedulerConfig) {
    this.#serving = new Serving(ctx, config)
  }

  start(request: P.StartRequest): P.Answer<P.StartReply> {
    return this.#serve(requests.start, request, verbs.start)
  }

  startMany(request: P.StartManyRequest): P.Answer<P.Reply<P.StartReply>[]> {
    return this.#serve(requests.startMany, request, verbs.startMany)
  }

  together(request: TogetherRequest, tell: Tell): P.Answer<Told[]> {
    return this.#serve(requests.together, request, (_shard, { calls }) => together(this, calls, tell))
  }

  target(request: P.RunRequest): P.Answer<TargetReply> {
    return this.#serve(requests.target, request, verbs.target)
  }

  signal(request: P.SignalRequest): P.Answer<null> {
    return this.#serve(requests.signal, request, verbs.signal)
  }

  update(request: U.UpdateRequest): P.Answer<U.UpdateReply> {
    return this.#serve(requests.update, request, updates.update)
  }

  updateResult(request: U.UpdateResultRequest): P.Answer<U.UpdateReply> {
    return this.#serve(requests.updateResult, request, updates.updateResult)
  }

  cancel(request: P.CloseRequest): P.Answer<null> {
    return this.#serve(requests.close, request, verbs.cancel)
  }

  terminate(request: P.CloseRequest): P.Answer<null> {
    return this.#serve(requests.close, request, verbs.terminate)
  }

  pause(request: P.CloseRequest): P.Answer<null> {
    return this.#serve(requests.close, request, verbs.pause)
  }

  resume(request: P.RunRequest): P.Answer<null> {
    return this.#serve(requests.target, request, verbs.resume)
  }

  reset(request: P.ResetRequest): P.Answer<P.StartReply> {
    return this.#serve(requests.reset, request, reset)
  }

  delete(request: P.DeleteRequest): P.Answer<P.DeleteReply> {
    return this.#serve(requests.remove, request, remove)
  }

  result(request: P.ResultRequest): P.Answer<P.ResultReply> {
    return this.#serve(requests.result, request, verbs.result)
  }

  query(request: P.QueryRequest): P.Answer<Payload> {
    return this.#serve(requests.query, request, query)
  }

  describe(request: DescribeRequest): P.Answer<RunDescription> {
    return this.#serve(requests.describe, request, visibility.describe)
  }

  history(request: P.HistoryRequest): P.Answer<P.HistoryPage> {
    return this.#serve(requests.history, request, visibility.history)
  }

  replay(request: P.RunRequest): P.Answer<Replayed> {
    return this.#serve(requests.target, request, replay)
  }

  events(request: EventsRequest): P.Answer<EventPage> {
    return this.#serve(requests.events, request, (shard, asked) => shard.tail.page(asked))
  }

  runEvents(request: RunEventsRequest): P.Answer<RunEventPage> {
    return this.#serve(requests.runEvents, request, runEvents)
  }

  list(request: ListRequest): P.Answer<RunList> {
    return this.#serve(requests.list, request, list)
  }

  count(request: CountRequest): P.Answer<RunCount> {
    return this.#serve(requests.count, request, count)
  }

  async shardCount(namespace: string): Promise<number> {
    return this.#serving.shardCount(checked(namespaceShape, namespace, 'namespace'))
  }

  claim(request: P.ClaimRequest): P.Answer<P.ClaimReply[]> {
    return this.#serve(wire.claim, request, activities.claim)
  }

  renew(request: P.RenewRequest): P.Answer<P.RenewReply[]> {
    return this.#serve(wire.renew, request, activities.renew)
  }

  settle(request: P.SettleRequest): P.Answer<P.SettleReply[]> {
    return this.#serve(wire.settle, request, activities.settle)
  }

  undeliverable(request: P.UndeliverableRequest): P.Answer<null> {
    return this.#serve(wire.undeliverable, request, (_shard, dead) => activities.undeliverable(dead))
  }

  report(request: ReportRequest): P.Answer<{ cancelRequested: boolean }> {
    return this.#serve(wire.report, request, activities.report)
  }

  createSchedule(request: S.CreateScheduleRequest): P.Answer<null> {
    return this.#serve(requests.createSchedule, request, schedules.createSchedule)
  }

  changeSchedule(request: S.ChangeScheduleRequest): P.Answer<null> {
    return this.#serve(requests.changeSchedule, request, schedules.changeSchedule)
  }

  describeSchedule(request: S.ScheduleRequest): P.Answer<S.ScheduleDescription> {
    return this.#serve(requests.describeSchedule, request, schedules.describeSchedule)
  }

  listSchedules(request: S.ListSchedulesRequest): P.Answer<S.ScheduleList> {
    return this.#serve(requests.listSchedules, request, schedules.listSchedules)
  }

  pull(request: PullRequest): P.Answer<PullReply> {
    return this.#serve(wire.pull, request, pull)
  }

  deliver(request: DeliverRequest): P.Answer<DeliverReply> {
    return this.#serve(requests.deliver, request, deliver)
  }

  async acquireArchive(request: A.AcquireArchiveRequest): P.Answer<A.ArchiveLease> {
    return this.#serving.serveLease(requests.acquire, request, acquireArchive)
  }

  async releaseArchive(request: { namespace: string; holder: string }): P.Answer<null> {
    return this.#serving.serveLease(requests.release, request, releaseArchive)
  }

  proposeArchive(request: A.ProposeArchiveRequest): P.Answer<A.ArchiveBatch | null> {
    return this.#fenced(request, archive.proposeArchive)
  }

  archivePage(request: A.ArchivePageRequest): P.Answer<A.ArchivePage> {
    return this.#fenced(request, archive.archivePage)
  }

  confirmArchive(request: A.ConfirmArchiveRequest): P.Answer<null> {
    return this.#fenced(request, archive.confirmArchive)
  }

  rejectArchive(request: A.RejectArchiveRequest): P.Answer<null> {
    return this.#fenced(request, archive.rejectArchive)
  }

  coldCandidates(request: A.ColdCandidatesRequest): P.Answer<A.ColdCandidates> {
    return this.#fenced(request, cooling.coldCandidates)
  }

  markCold(request: A.MarkColdRequest): P.Answer<null> {
    return this.#fenced(request, cooling.markCold)
  }

  proposeExpiry(request: A.ProposeExpiryRequest): P.Answer<A.Expiry | null> {
    return this.#fenced(request, expiry.proposeExpiry)
  }

  confirmExpiry(request: A.ConfirmExpiryRequest): P.Answer<null> {
    return this.#fenced(request, expiry.confirmExpiry)
  }

  proposePurge(request: A.ProposePurgeRequest): P.Answer<A.Purge> {
    return this.#fenced(request, purge.proposePurge)
  }

  confirmPurge(request: A.ConfirmPurgeRequest): P.Answer<null> {
    return this.#fenced(request, purge.confirmPurge)
  }

  restoreArchive(request: A.RestoreArchiveRequest): P.Answer<null> {
    return this.#fenced(request, restoreArchive)
  }

  garbage(request: A.GarbageRequest): P.Answer<string[]> {
    return this.#fenced(request, purge.garbage)
  }

  collected(request: A.CollectedRequest): P.Answer<null> {
    return this.#fenced(request, purge.collected)
  }

  unknownRuns(request: A.UnknownRunsRequest): P.Answer<string[]> {
    return this.#serve(requests.fenced<A.UnknownRunsRequest>(), request, unknownRuns)
  }

  health(request: HealthRequest): P.Answer<HealthPage> {
    return this.#serve(requests.health, request, health)
  }

  shardStats(request: StatsRequest): P.Answer<ShardStats> {
    return this.#serve(requests.stats, request, shardStats)
  }

  async leaseStats(request: { namespace: string }): P.Answer<LeaseStats> {
    return this.#serving.serveLease(requests.lease, request, leaseStats)
  }

  alarm(): Promise<void> {
    return this.#serving.ring()
  }

  /** Debug hook: drops what lives in memory, of one workflow or of the whole shard, as an eviction would. */
  async evict(to: P.ShardAddress, workflowId?: string): Promise<void> {
    await evict(this.#serving, await this.#serving.debugged(to), workflowId)
  }

  /** Debug hook: moves the clock ahead; what that makes due is done when it returns. */
  async advance(to: P.ShardAddress, ms: number): Promise<void> {
    await advance(await this.#serving.debugged(to), ms)
  }

  /** Debug hook: the same, of the object that keeps a lease. */
  async advanceLease(ms: number): Promise<void> {
    this.#serving.requireHooks()
    advanceClock(this.#serving.shard, ms)
  }

  /** Debug hook: what benchmarks measure by. */
  async stats(to: P.ShardAddress): Promise<DebugStats> {
    return stats(await this.#serving.debugged(to))
  }

  #fenced<R extends A.Fenced, T>(request: R, act: (shard: Shard, request: R) => P.Reply<T>): P.Answer<T> {
    return this.#serve(requests.fenced<R>(), request, underFence(act))
  }
}
