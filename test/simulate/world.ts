/**
 * A simulated world: the production scheduler, activity Worker and archiver on a platform where things go wrong, and one
 * seed that decides all of it. The same seed gives the same world, bit for bit.
 */
import { realTurn, simulated } from './present.ts'
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { ulid } from 'ulid'
import type { ActivityDefinition } from '../../shared/activity.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import type { Chance } from '../../shared/chance.ts'
import { WorkflowClient } from '../../shared/client.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import type { Time } from '../../shared/time.ts'
import { migrateStore } from '../../scheduler-do/store/migrate.ts'
import { MockableActivities } from '../../testing/activities.ts'
import type { Party } from '../../testing/simulated/faults.ts'
import { migrations } from '../../testing/simulated/migrations.ts'
import type { SimulatedObject } from '../../testing/simulated/object.ts'
import { SimulatedPlatform } from '../../testing/simulated/platform.ts'
import type { Consume } from '../../testing/simulated/queues.ts'
import { Disk, storageOf } from '../../testing/simulated/storage.ts'
import { Timeline } from '../../testing/simulated/timeline.ts'
import { SimulatedArchiver } from './archive/archiver.ts'
import { archiverCode } from './archive/deployed.ts'
import type { ArchivePlan } from './archive/plan.ts'
import { Releases } from './deploys.ts'
import { SeededFaults } from './faults.ts'
import type { FaultPlan } from './faults.ts'
import { SimulatedR2 } from './r2.ts'
import { Random } from './random.ts'
import { Watch } from './watch.ts'
import { Weather } from './weather.ts'

/** What runs in a world. */
export interface Code {
  readonly workflows: readonly AnyWorkflow[]
  /* oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input and result */
  readonly activities: readonly ActivityDefinition<any, any, any>[]
}

export interface WorldOptions {
  readonly seed: number
  readonly faults: FaultPlan
  readonly shards: number
  /** Made with the time of the world, for what its activities and steps wait in. */
  readonly code: (time: Time) => Code
  /** Absent: its runs stay where they closed. */
  readonly archive?: ArchivePlan | null
  /** Whether attempts go by the eager lane; absent: they do not. */
  readonly eager?: boolean
}

const START_AT = Date.UTC(2026, 0, 1)

export async function createWorld(options: WorldOptions): Promise<SimulatedWorld> {
  const schema = await migrations()
  const define = options.archive ? await archiverCode() : null
  return new SimulatedWorld(options, { schema, template: await migrated(schema), define })
}

interface Prepared {
  readonly schema: Awaited<ReturnType<typeof migrations>>
  /** A database that has been migrated, and nothing else. */
  readonly template: Uint8Array
  /** Makes an archiver. */
  readonly define: Awaited<ReturnType<typeof archiverCode>> | null
}

export class SimulatedWorld {
  readonly timeline: Timeline
  readonly client: WorkflowClient
  readonly r2: SimulatedR2
  readonly faults: SeededFaults
  readonly platform: SimulatedPlatform
  readonly releases: Releases
  readonly code: Code
  /** Whether anything goes wrong in it. */
  readonly faulty: boolean
  readonly #received: WorkflowCdcEvent[] = []
  readonly #random: Random
  readonly #chances = new Map<string, Chance>()
  readonly #prepared: Prepared
  readonly #trace = createHash('sha256')
  readonly #weather: Weather
  readonly #archive: ArchivePlan | null
  readonly #eager: boolean
  readonly archiver: SimulatedArchiver | null
  readonly watched = new Watch()
  /** Hears of every write that has reached a disk, when the macrotask of it is over. */
  onWrite: (object: SimulatedObject) => void = () => {}

  constructor(
    { seed, faults, shards, code, archive = null, eager = false }: WorldOptions,
    prepared: Prepared,
  ) {
    this.#prepared = prepared
    this.#archive = archive
    this.#eager = eager
    this.#random = new Random(seed)
    const order = this.#random.fork('order')
    this.faulty = Object.keys(faults.chances).length > 0
    this.timeline = new Timeline(START_AT, 0, faults.shuffled ? (ready) => order.int(ready) : undefined)
    const onLog = (line: string): void => this.#hear(line)
    simulated({ time: this.timeline, random: this.#random.fork('outside'), onLog })
    if (Date.now() !== START_AT) throw new Error('the engine was imported ahead of ./present.ts')
    this.faults = new SeededFaults(faults, this.#random.fork('faults'), (line, detail) =>
      this.trace(line, detail),
    )
    this.r2 = new SimulatedR2(this.timeline, this.faults)
    this.code = code(this.timeline)
    this.releases = new Releases(this.code.workflows)
    this.platform = this.#made(shards)
    this.faults.onStrike = (kind) => this.watched.struck(kind, this.timeline.now())
    this.platform.onWrite = (object) => {
      this.watched.written(object.name, object.sql, this.timeline.now())
      this.archiver?.ledger.see(object)
      this.onWrite(object)
    }
    this.client = new WorkflowClient(this.platform.namespace(null), { archive: this.r2.bindingOf(null) })
    this.#weather = new Weather(this, this.#random.fork('weather'))
    this.archiver = archive && prepared.define && new SimulatedArchiver(this, archive, prepared.define)
  }

  get time(): Time {
    return this.timeline
  }

  get objects(): readonly SimulatedObject[] {
    return [...this.platform.objects]
  }

  readonly disks = () => this.objects.map(({ sql, alarmAt }) => ({ sql, alarmAt }))

  /** As the sink got them: late, twice, in any order. */
  readonly changeEvents = (): readonly WorkflowCdcEvent[] => this.#received

  /** Of all that has happened so far. */
  get traceHash(): string {
    return this.#trace.copy().digest('hex')
  }

  /** Whether `trace` prints. */
  printing = false

  trace(line: string, detail?: unknown): void {
    const text = `${this.timeline.now() - START_AT} ${line}${detail === undefined ? '' : ` ${printed(detail)}`}\n`
    this.#trace.update(text)
    if (this.printing) process.stdout.write(text)
  }

  async advance(ms: number): Promise<void> {
    await this.timeline.advance(ms)
    await realTurn()
  }

  /** Nothing goes wrong any more; what is deployed is the code that the runs began with, and every object is awake. */
  async calm(): Promise<void> {
    this.faults.calm()
    this.watched.calm(this.timeline.now())
    this.#weather.end()
    this.archiver?.calm()
    this.releases.next()
    for (const object of this.objects) object.lose('deployed')
    await this.timeline.settle()
    for (const object of this.objects) object.wake()
    await this.timeline.settle()
  }

  /** Things go wrong again, but for what comes by the clock. */
  storm(): void {
    this.faults.storm()
    this.archiver?.storm()
  }

  end(): void {
    this.#weather.end()
    this.archiver?.end()
    this.platform.end()
    simulated(null)
  }

  #made(shards: number): SimulatedPlatform {
    const { timeline, faults, r2, releases } = this
    // Whoever reads the dead letters does: there is no further queue behind theirs.
    const sink: Consume = async ({ queue, messages }) => {
      for (const { body } of messages) this.#receive(body, queue === 'cdc')
    }
    const options = {
      workflows: [],
      activities: new MockableActivities(this.code.activities),
      taskQueues: undefined,
      shards,
      startAt: START_AT,
      graceMs: 0,
    }
    return new SimulatedPlatform(options, {
      timeline,
      faults,
      schema: this.#prepared.schema,
      newDisk: () => this.#newDisk(),
      chanceOf: (party) => this.#chanceOf(party),
      callerTime: null,
      eager: this.#eager,
      abortUndoes: true,
      tasksPerMessage: this.#random.fork('tasks').int(3) === 0 ? 3 : 1,
      bucketOf: (caller) => r2.bindingOf(caller),
      deployed: (caller) => {
        const { id, workflows } = releases.current
        const env = { CF_VERSION_METADATA: { id }, ...this.#archiveBinding(caller) }
        return { workflows, env, cdc: { queue: 'CDC_QUEUE' }, ...this.#retention }
      },
      consumers: new Map(['cdc', 'cdc-dlq'].map((queue) => [queue, sink] as const)),
    })
  }

  #hear(line: string): void {
    this.trace('log', line)
    this.watched.logged(line)
  }

  #archiveBinding(caller: Party | null): { ARCHIVE_SERVICE?: object } {
    return this.archiver ? { ARCHIVE_SERVICE: this.archiver.service(caller) } : {}
  }

  get #retention(): { retention?: { hot: number; warm: number; cold: boolean } } {
    if (!this.#archive) return {}
    const { hotMs: hot, warmMs: warm, cold } = this.#archive
    return { retention: { hot, warm, cold } }
  }

  #receive(body: unknown, mayFail: boolean): void {
    const { events } = body as { events: WorkflowCdcEvent[] } // as the scheduler sends them
    if (mayFail && this.faults.strikes('sink fails')) throw new Error('the sink is out of order')
    this.#received.push(...events)
  }

  #newDisk(): Disk {
    const database = new DatabaseSync(':memory:')
    database.deserialize(this.#prepared.template)
    return new Disk(database)
  }

  /** Each machine has draws of its own, so that what one of them does leaves the others' alone. */
  #chanceOf(party: Party | null): Chance {
    const name = party?.name ?? 'nobody'
    const known = this.#chances.get(name)
    if (known) return known
    const random = this.#random.fork(`chance of ${name}`)
    const draw = (): number => random.next()
    const chance = { draw, newId: (now: number) => ulid(now, draw), uuid: () => ulid(START_AT, draw) }
    this.#chances.set(name, chance)
    return chance
  }
}

function printed(detail: unknown): string {
  return JSON.stringify(detail, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

const nothing = (): void => {}
let template: Promise<Uint8Array> | undefined

/** Migrated once: every object's disk begins as a copy. */
function migrated(schema: Prepared['schema']): Promise<Uint8Array> {
  template ??= (async () => {
    const disk = new Disk(new DatabaseSync(':memory:'))
    const storage = storageOf({
      disk,
      alive: () => true,
      committed: nothing,
      alarmChanged: nothing,
      sync: async () => {},
    })
    await migrateStore(storage, schema)
    return disk.database.serialize()
  })()
  return template
}
