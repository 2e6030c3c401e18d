/**
 * Offers a shard more than it can do. It runs inside workerd, as the other drivers do, and shares one thread with the
 * shard: local workerd looks for timers and IO only when nothing else is ready, so that the load comes in bursts, each
 * as large as the time since the last one demands.
 */
import { DurableObject } from 'cloudflare:workers'
import { WorkflowClient, WorkflowError } from '../../../shared/index.ts'
import type { Figures, Plan } from '../../overload/figures.ts'
import { shardName } from '../../../shared/protocol.ts'
import type { ShardApi } from '../../../shared/protocol.ts'
import { refusalError } from '../../../shared/refusal.ts'
import { TASK_QUEUE } from '../workflows.ts'
import { plain, remote, timed } from './workflows.ts'

interface Env {
  DRIVER: DurableObjectNamespace<Driver>
  SCHEDULER: DurableObjectNamespace
  WORKFLOWS: Fetcher & {
    /** There when DEBUG_HOOKS is set. */
    stats(namespace: string, shard: number): Promise<{ waiting: number }>
  }
}

const TO = { namespace: 'default', shard: 0, shards: 1 }
const CONCURRENCY = 100
const QUIET_RUNS = 50
const TIMERS = 100
const IN_A_ROW = 10
const ENDS_WITHIN_MS = 120_000
const SAMPLE_MS = 100
const TICK_MS = 10
/** What was missed for longer is not made up for: each burst would be larger than the one before. */
const MOST_AT_ONCE_MS = 1_000

export class Driver extends DurableObject<Env> {
  readonly #client = new WorkflowClient(this.env.SCHEDULER, { shards: 1 })
  readonly #timersMs: number[] = []
  readonly #acceptedMs: number[] = []
  readonly #failed: Record<string, number> = {}
  readonly #open = new Set<Promise<void>>()
  #accepted = 0
  #refused = 0
  #offered = 0
  #peakWaiting = 0
  #once = 0

  async run(plan: Plan): Promise<Figures> {
    await this.#closedLoop(plan.warmMs)
    const quietP50Ms = median(await this.#oneByOne(QUIET_RUNS))
    const before = this.#accepted
    await this.#closedLoop(plan.capacityMs)
    const capacityPerSecond = ((this.#accepted - before) / plan.capacityMs) * 1_000
    this.#acceptedMs.length = 0
    await this.#arm(plan.loadMs)
    const [unloaded, loadedAt] = [this.#offered, Date.now()]
    await this.#openLoop(plan, capacityPerSecond * plan.times)
    const offeredPerSecond = ((this.#offered - unloaded) / (Date.now() - loadedAt)) * 1_000
    const acceptedMs = this.#acceptedMs.toSorted((one, other) => one - other)
    const recoveredMs = await this.#recovered(Math.max(quietP50Ms * 3, quietP50Ms + 5))
    await this.#ended()
    return {
      capacityPerSecond: Math.round(capacityPerSecond),
      quietP50Ms,
      offered: this.#offered,
      offeredPerSecond: Math.round(offeredPerSecond),
      accepted: this.#accepted,
      refused: this.#refused,
      failed: this.#failed,
      runs: await this.#client.count({}, { groupBy: 'status' }),
      timers: this.#timersMs.length,
      latestTimerMs: Math.max(...this.#timersMs),
      acceptedP50Ms: acceptedMs[acceptedMs.length >> 1] ?? 0,
      acceptedP99Ms: acceptedMs[Math.floor(acceptedMs.length * 0.99)] ?? 0,
      recoveredMs,
      peakWaiting: this.#peakWaiting,
    }
  }

  /** As many runs as can be had, so many at a time. */
  async #closedLoop(forMs: number): Promise<void> {
    const until = Date.now() + forMs
    const lane = async (): Promise<void> => {
      while (Date.now() < until) await this.#one(() => this.#client.execute(plain, {}))
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, lane))
  }

  async #oneByOne(count: number): Promise<number[]> {
    const taken: number[] = []
    for (let n = 0; n < count; n += 1) taken.push(await this.#timedRun())
    return taken
  }

  async #timedRun(): Promise<number> {
    const at = Date.now()
    await this.#one(() => this.#client.execute(plain, {}))
    return Date.now() - at
  }

  /** Timers that fall due all through the load. */
  async #arm(loadMs: number): Promise<void> {
    for (let n = 1; n <= TIMERS; n += 1) this.#sleep((n * loadMs) / TIMERS)
    while (this.#accepted + this.#refused < this.#offered) await this.ctx.storage.sync()
  }

  #sleep(sleepMs: number): void {
    this.#offer(async () => {
      const handle = await this.#client.start(timed, { input: Math.round(sleepMs) })
      this.#follow(handle.result().then((late) => void this.#timersMs.push(late)))
    })
  }

  async #openLoop({ loadMs, besidePerSecond }: Plan, perSecond: number): Promise<void> {
    const startedAt = Date.now()
    let [plainDue, besideDue, before, sampledAt] = [0, 0, startedAt, 0]
    for (let now = startedAt; now < startedAt + loadMs; now = Date.now()) {
      const passed = Math.min(now - before, MOST_AT_ONCE_MS) / 1_000
      before = now
      plainDue += passed * perSecond
      besideDue += passed * besidePerSecond
      for (; plainDue >= 1; plainDue -= 1) this.#offer(() => this.#startOnce())
      for (; besideDue >= 1; besideDue -= 1) {
        this.#sleep(500)
        this.#offer(() => this.#client.start(remote, { taskQueue: TASK_QUEUE }))
      }
      if (now - sampledAt >= SAMPLE_MS) {
        sampledAt = now
        void this.env.WORKFLOWS.stats('default', 0).then(({ waiting }) => {
          this.#peakWaiting = Math.max(this.#peakWaiting, waiting)
        })
      }
      await pause(TICK_MS)
    }
  }

  /** As one of very many clients would, which is not there to ask again: what that costs is no cost of the shard. */
  async #startOnce(): Promise<void> {
    const { SCHEDULER } = this.env
    const requestId = `once-${(this.#once += 1)}`
    const policies = { idReuse: 'allow', idConflict: 'fail' } as const
    const request = { to: TO, workflowId: requestId, workflowType: plain.name, requestId, ...policies }
    const shard = SCHEDULER.get(
      SCHEDULER.idFromName(shardName(TO.namespace, TO.shard)),
    ) as unknown as ShardApi // as the client has it
    const reply = await shard.start(request)
    if (!reply.ok) throw refusalError(reply)
  }

  #offer(start: () => Promise<unknown>): void {
    this.#follow(this.#one(start))
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#open.delete(followed))
    this.#open.add(followed)
  }

  async #one(start: () => Promise<unknown>): Promise<void> {
    const at = Date.now()
    this.#offered += 1
    try {
      await start()
      this.#accepted += 1
      this.#acceptedMs.push(Date.now() - at)
    } catch (error) {
      const code = error instanceof WorkflowError ? error.code : String(error)
      const retryable = error instanceof WorkflowError && (error.retryAfterMs ?? 0) > 0
      if (code === 'overloaded' && retryable) this.#refused += 1
      else this.#failed[code] = (this.#failed[code] ?? 0) + 1
    }
  }

  /** From now to the first of ten runs in a row that took no longer than `mostMs`. */
  async #recovered(mostMs: number): Promise<number> {
    const endedAt = Date.now()
    let [goodSince, inARow] = [endedAt, 0]
    while (inARow < IN_A_ROW && Date.now() - endedAt < ENDS_WITHIN_MS) {
      const at = Date.now()
      const isNormal = (await this.#timedRun()) <= mostMs
      if (inARow === 0) goodSince = at
      inARow = isNormal ? inARow + 1 : 0
    }
    return inARow === IN_A_ROW ? goodSince - endedAt : ENDS_WITHIN_MS
  }

  async #ended(): Promise<void> {
    const until = Date.now() + ENDS_WITHIN_MS
    while (this.#open.size > 0) await Promise.all(this.#open)
    while ((await this.#client.count({ status: 'running' })) > 0 && Date.now() < until) await pause(SAMPLE_MS)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method !== 'POST') return new Response('up')
    return Response.json(await env.DRIVER.getByName('driver').run(await request.json<Plan>()))
  },
}
