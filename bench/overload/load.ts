/**
 * Offers a shard more than it can do. It runs in a process of its own, whose clock alone says when the next start is
 * offered, whatever has been answered.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { WorkflowClient, WorkflowError } from '../../shared/index.ts'
import { shardName } from '../../shared/protocol.ts'
import { refusalError } from '../../shared/refusal.ts'
import { quantile } from '../figures.ts'
import { plain, remote, timed } from '../workers/overload/workflows.ts'
import { CONSUMERS } from '../workers/workflows.ts'
import type { Door } from './door.ts'
import type { Figures, Plan } from './figures.ts'

const TO = { namespace: 'default', shard: 0, shards: 1 }
const SHARD = shardName(TO.namespace, TO.shard)
/** So few are refused nothing. */
const CONCURRENCY = 60
const QUIET_RUNS = 50
const TIMERS = 100
const IN_A_ROW = 10
const ENDS_WITHIN_MS = 120_000
const SAMPLE_MS = 100
const TICK_MS = 5

export class Load {
  readonly #door: Door
  readonly #plan: Plan
  readonly #client: WorkflowClient
  readonly #timersMs: number[] = []
  readonly #acceptedMs: number[] = []
  readonly #refusedMs: number[] = []
  readonly #failed: Record<string, number> = {}
  readonly #open = new Set<Promise<void>>()
  #accepted = 0
  #refused = 0
  #offered = 0
  #peakWaiting = 0
  #latestOfferMs = 0
  #once = 0

  constructor(door: Door, plan: Plan) {
    this.#door = door
    this.#plan = plan
    this.#client = new WorkflowClient(door, { shards: 1 })
  }

  async run(): Promise<Figures> {
    const { warmMs, capacityMs, loadMs, times } = this.#plan
    await this.#closedLoop(warmMs)
    const quietP50Ms = quantile(await this.#oneByOne(QUIET_RUNS), 0.5)
    const capacityPerSecond = await this.#closedLoop(capacityMs)
    await this.#arm(loadMs)
    this.#acceptedMs.length = 0
    const { offeredPerSecond, acceptedPerSecond } = await this.#openLoop(capacityPerSecond * times)
    const recoveredMs = await this.#recovered(Math.max(quietP50Ms * 3, quietP50Ms + 5))
    await this.#ended()
    return {
      times,
      capacityPerSecond: Math.round(capacityPerSecond),
      quietP50Ms: Math.round(quietP50Ms),
      offered: this.#offered,
      offeredPerSecond: Math.round(offeredPerSecond),
      acceptedPerSecond: Math.round(acceptedPerSecond),
      latestOfferMs: Math.round(this.#latestOfferMs),
      repeated: this.#door.starts - this.#offered,
      accepted: this.#accepted,
      refused: this.#refused,
      failed: this.#failed,
      runs: await this.#client.count({}, { groupBy: 'status' }),
      timers: this.#timersMs.length,
      latestTimerMs: Math.max(...this.#timersMs),
      acceptedP50Ms: Math.round(quantile(this.#acceptedMs, 0.5)),
      acceptedP99Ms: Math.round(quantile(this.#acceptedMs, 0.99)),
      refusedP50Ms: Math.round(quantile(this.#refusedMs, 0.5)),
      refusedP99Ms: Math.round(quantile(this.#refusedMs, 0.99)),
      recoveredMs: Math.round(recoveredMs),
      peakWaiting: this.#peakWaiting,
    }
  }

  /** As many runs as can be had, so many at a time; gives how many a second that is. */
  async #closedLoop(forMs: number): Promise<number> {
    const [from, before] = [performance.now(), this.#accepted]
    const lane = async (): Promise<void> => {
      while (performance.now() < from + forMs) await this.#one(() => this.#client.execute(plain, {}))
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, lane))
    return ((this.#accepted - before) / (performance.now() - from)) * 1_000
  }

  async #oneByOne(count: number): Promise<number[]> {
    const taken: number[] = []
    for (let n = 0; n < count; n += 1) taken.push(await this.#timedRun())
    return taken
  }

  /** From start to result; Infinity when it is refused. Nobody who comes later waits for those who were told to come back. */
  async #timedRun(): Promise<number> {
    const [at, refused] = [performance.now(), this.#refused]
    await this.#one(async () => {
      await this.#client.getHandle(await this.#startOnce()).result()
    })
    if (this.#refused === refused) return performance.now() - at
    await pause(TICK_MS)
    return Infinity
  }

  /** Timers that fall due all through the load. */
  async #arm(loadMs: number): Promise<void> {
    for (let n = 1; n <= TIMERS; n += 1) this.#sleep((n * loadMs) / TIMERS)
    while (this.#accepted + this.#refused < this.#offered) await pause(TICK_MS)
  }

  #sleep(sleepMs: number): void {
    this.#offer(async () => {
      const handle = await this.#client.start(timed, { input: Math.round(sleepMs) })
      this.#follow(handle.result().then((late) => void this.#timersMs.push(late)))
    })
  }

  /** What was due is offered, however late the driver is; gives how many a second that made. */
  async #openLoop(perSecond: number): Promise<{ offeredPerSecond: number; acceptedPerSecond: number }> {
    const { loadMs, besidePerSecond } = this.#plan
    const [from, offered, accepted] = [performance.now(), this.#offered, this.#accepted]
    const sampling = setInterval(() => void this.#sample(), SAMPLE_MS)
    let [plainDone, besideDone] = [0, 0]
    for (let passed = 0; passed < loadMs; passed = performance.now() - from) {
      for (; plainDone < (passed * perSecond) / 1_000; plainDone += 1) {
        const lateMs = performance.now() - from - (plainDone / perSecond) * 1_000
        this.#latestOfferMs = Math.max(this.#latestOfferMs, lateMs)
        this.#offer(() => this.#startOnce())
      }
      for (; besideDone < (passed * besidePerSecond) / 1_000; besideDone += 1) {
        this.#sleep(500)
        this.#offer(() => this.#client.start(remote, { taskQueue: CONSUMERS[0].queue }))
      }
      await pause(TICK_MS)
    }
    clearInterval(sampling)
    const seconds = (performance.now() - from) / 1_000
    return {
      offeredPerSecond: (this.#offered - offered) / seconds,
      acceptedPerSecond: (this.#accepted - accepted) / seconds,
    }
  }

  async #sample(): Promise<void> {
    const { waiting } = await this.#door.get(SHARD).stats(TO)
    this.#peakWaiting = Math.max(this.#peakWaiting, waiting)
  }

  /** As one of very many clients would, which is not there to ask again: each is a first attempt, and the only one. */
  async #startOnce(): Promise<string> {
    const requestId = `once-${(this.#once += 1)}`
    const policies = { idReuse: 'allow', idConflict: 'fail' } as const
    const request = { to: TO, workflowId: requestId, workflowType: plain.name, requestId, ...policies }
    const reply = await this.#door.get(SHARD).start(request)
    if (!reply.ok) throw refusalError(reply)
    return requestId
  }

  #offer(start: () => Promise<unknown>): void {
    this.#follow(this.#one(start))
  }

  #follow(work: Promise<void>): void {
    const followed = work
      .catch((error: unknown) => this.#fail(String(error)))
      .finally(() => this.#open.delete(followed))
    this.#open.add(followed)
  }

  async #one(start: () => Promise<unknown>): Promise<void> {
    const at = performance.now()
    this.#offered += 1
    try {
      await start()
      this.#accepted += 1
      this.#acceptedMs.push(performance.now() - at)
    } catch (error) {
      const code = error instanceof WorkflowError ? error.code : String(error)
      const retryable = error instanceof WorkflowError && (error.retryAfterMs ?? 0) > 0
      if (code === 'overloaded' && retryable) {
        this.#refused += 1
        this.#refusedMs.push(performance.now() - at)
      } else this.#fail(code)
    }
  }

  #fail(code: string): void {
    this.#failed[code] = (this.#failed[code] ?? 0) + 1
  }

  /** From now to the first of ten runs in a row that took no longer than `mostMs`. */
  async #recovered(mostMs: number): Promise<number> {
    const endedAt = performance.now()
    let [goodSince, inARow] = [endedAt, 0]
    while (inARow < IN_A_ROW && performance.now() - endedAt < ENDS_WITHIN_MS) {
      const at = performance.now()
      const isNormal = (await this.#timedRun()) <= mostMs
      if (inARow === 0) goodSince = at
      inARow = isNormal ? inARow + 1 : 0
    }
    return inARow === IN_A_ROW ? goodSince - endedAt : ENDS_WITHIN_MS
  }

  async #ended(): Promise<void> {
    const until = performance.now() + ENDS_WITHIN_MS
    while (this.#open.size > 0) await Promise.all(this.#open)
    while ((await this.#client.count({ status: 'running' })) > 0 && performance.now() < until)
      await pause(SAMPLE_MS)
  }
}
