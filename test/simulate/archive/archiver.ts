/** The archiver Worker of a world: its passes, at the times of its cron, and its entrypoint, which the shards read through. */
import type { ArchiverEnv, Archiver } from '../../../archiver/index.ts'
import { SNAPSHOT_RETENTION_MS } from '../../../shared/archive.ts'
import type { SegmentRow } from '../../../shared/archive.ts'
import type { ArchiveReader, RunPage, RunPageRequest } from '../../../shared/archive-reader.ts'
import { PASS_FIGURES } from '../../../archiver/metrics.ts'
import type { Party } from '../../../testing/simulated/faults.ts'
import { Life, wasLost } from '../../../testing/simulated/life.ts'
import type { SimulatedWorld } from '../world.ts'
import type { ArchiveView } from '../view.ts'
import { Ledger } from './ledger.ts'
import type { ArchivePlan } from './plan.ts'

/** Longer than any snapshot, or anything that is left over, is kept. */
const AGE_MS = SNAPSHOT_RETENTION_MS + 86_400_000
const PASS_MS = 120_000
/** Once nothing goes wrong any more. */
const CALM_EVERY_MS = 150_000

export class SimulatedArchiver implements ArchiveView {
  readonly #world: SimulatedWorld
  readonly plan: ArchivePlan
  readonly ledger = new Ledger()
  readonly #worker: Archiver
  #cancel = (): void => {}
  /** What nobody expects of a pass: it ended with an error. */
  readonly surprises: string[] = []
  /** Of the last pass that came to its end. */
  figures: Readonly<Record<string, number>> = {}

  constructor(world: SimulatedWorld, plan: ArchivePlan, define: (options: object) => Archiver) {
    const { budgetMs: passBudget, warmObjectBytes, coldFileBytes } = plan
    this.#world = world
    this.plan = plan
    this.#worker = define({ passBudget, warmObjectBytes, coldFileBytes })
    this.#passes(plan.everyMs)
  }

  get bucket(): R2Bucket {
    return this.#world.r2.bindingOf(null)
  }

  readonly keys = (): readonly string[] => [...this.#world.r2.objects.keys()]

  calm(): void {
    this.#passes(CALM_EVERY_MS)
  }

  storm(): void {
    this.#passes(this.plan.everyMs)
  }

  end(): void {
    this.#cancel()
  }

  aged = false

  async age(): Promise<void> {
    this.aged = true
    this.end()
    await this.#world.advance(AGE_MS)
    for (let pass = 0; pass < 2; pass += 1) {
      const passed = this.pass()
      await this.#world.advance(PASS_MS)
      await passed
    }
  }

  /** The binding ARCHIVE_SERVICE, as `caller` holds it: each request is in an isolate of its own. */
  service(caller: Party | null): object {
    const inIsolate: InIsolate = (work) => this.#inIsolate('read', (env) => work(this.#entrypoint(env)))
    return this.#world.platform.stub(new Entrypoint(inIsolate), caller)
  }

  /** One pass; resolves at its end, or when it is lost. */
  async pass(): Promise<void> {
    const { timeline, faults } = this.#world
    if (faults.strikes('lease lost')) this.#endLease()
    const controller = { scheduledTime: timeline.now(), cron: '', noRetry: () => {} }
    const passed = this.#inIsolate('pass', (env) => this.#worker.handler.scheduled(controller, env, context))
    await passed.catch((error: unknown) => {
      if (!wasLost(error)) this.surprises.push(String(error))
    })
  }

  #passes(everyMs: number): void {
    this.#cancel()
    const { timeline } = this.#world
    this.#cancel = timeline.after(everyMs, () => {
      void this.pass()
      this.#passes(everyMs)
    })
  }

  async #inIsolate<T>(place: string, work: (env: ArchiverEnv) => Promise<T>): Promise<T> {
    const { timeline, faults, platform, r2 } = this.#world
    const isolate = new Life('archiver', { timeline, faults })
    const env = {
      ARCHIVE: r2.bindingOf(isolate),
      WORKFLOWS: platform.service(isolate),
      METRICS: { writeDataPoint: ({ doubles = [] }: { doubles?: number[] }) => this.#passed(doubles) },
    }
    faults.at(`begin ${place}`, isolate)
    return await Promise.race([work(env as unknown as ArchiverEnv), isolate.loss.promise]) // what is asked of them
  }

  #passed(doubles: readonly number[]): void {
    this.figures = Object.fromEntries(PASS_FIGURES.map((name, at) => [name, doubles[at] ?? 0]))
    this.#world.trace('archived', this.figures)
  }

  #entrypoint(env: ArchiverEnv): ArchiveReader {
    return new this.#worker.ArchiveService(context, env)
  }

  /** As if its time were over, whether or not its holder still works. */
  #endLease(): void {
    const object = this.#world.objects.find(({ name }) => name.endsWith('/archive'))
    object?.sql.exec(`UPDATE meta SET value = json_set(value, '$.until', 0) WHERE key = 'archive_lease'`)
  }
}

const context = {} as ExecutionContext // nothing of it is used

type InIsolate = <T>(work: (entrypoint: ArchiveReader) => Promise<T>) => Promise<T>

/** RPC finds its methods on the prototype. */
class Entrypoint {
  readonly #inIsolate: InIsolate

  constructor(inIsolate: InIsolate) {
    this.#inIsolate = inIsolate
  }

  readRun(request: RunPageRequest): Promise<RunPage> {
    return this.#inIsolate((one) => one.readRun(request))
  }

  readEnds(request: RunPageRequest): Promise<RunPage> {
    return this.#inIsolate((one) => one.readEnds(request))
  }

  readSegment(request: { object: string; etag: string }): Promise<SegmentRow[]> {
    return this.#inIsolate((one) => one.readSegment(request))
  }
}
