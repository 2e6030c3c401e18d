/**
 * The warm tier, written: one batch of a shard as Parquet objects in R2.
 *
 * A1 A run lies in one object, with other runs of its batch in front of it or behind it; only a run too large to be
 *    proposed at once has objects of its own, one for each page of its events.
 * A2 Keys carry the fencing number, so that a pass that has lost its lease never writes where its successor does.
 * A3 Nothing is confirmed that was not decoded again and compared, and read back from R2.
 * A4 What cannot be encoded or does not come back equal is halved until one run is left: that run is poisoned.
 */
import { batchIdOf, warmBatchPrefix, warmPrefix } from '../shared/archive.ts'
import type {
  ArchiveBatch,
  ArchivePage,
  ConfirmArchiveRequest,
  ProposedRun,
  WarmLocator,
  WarmObject,
} from '../shared/archive.ts'
import { FrameBuilder } from './build.ts'
import { historyColumns } from './columns.ts'
import { release } from './frame.ts'
import { deleteLeftovers, objectsUnder } from './objects.ts'
import { packed, type Packed, type Span, type WarmLimits } from './pack.ts'
import { putWarm } from './place.ts'
import { appendEvents, eventsOf, Poisoned, type EventRow } from './rows.ts'

export interface WrittenBatch extends Pick<ConfirmArchiveRequest, 'objects' | 'locators'> {
  rows: number
}

export interface WarmWriter {
  readonly bucket: R2Bucket
  readonly fence: number
  readonly limits: WarmLimits
  /** More events of a run of the batch. */
  page(run: ProposedRun, fromEvent: number): Promise<ArchivePage>
}

/** The runs that keep a batch from being archived. */
export class PoisonedBatch extends Error {
  override readonly name = 'PoisonedBatch'
  readonly rejected: { runId: string; reason: string }[]
  constructor(poisoned: readonly Poisoned[]) {
    super(`${poisoned.length} runs cannot be archived`)
    this.rejected = poisoned.map(({ runId, message }) => ({ runId, reason: message }))
  }
}

/** Writes `batch` and answers where each of its runs lies. Throws `PoisonedBatch`, and then nothing refers to what was written. */
export async function writeBatch(writer: WarmWriter, batch: ArchiveBatch): Promise<WrittenBatch> {
  if (batch.openedBy !== writer.fence)
    await deleteLeftovers(writer.bucket, warmBatchPrefix(batch), writer.fence)
  try {
    return await new BatchWriter(writer, batch).write()
  } catch (error) {
    throw error instanceof Poisoned ? new PoisonedBatch([error]) : error
  }
}

/** The last batch of the shard that has objects; those of passes that have tried to write `batch` itself do not count. */
export async function lastInObjects(bucket: R2Bucket, batch: ArchiveBatch): Promise<number> {
  const prefix = warmPrefix(batch)
  let last = 0
  for await (const { key } of objectsUnder(bucket, { prefix })) {
    const [number = 0, fence = 0] = key.slice(prefix.length).split('-').map(Number)
    if (number !== batch.number || fence < batch.openedBy) last = Math.max(last, number)
  }
  return last
}

class BatchWriter {
  readonly #writer: WarmWriter
  readonly #batch: ArchiveBatch
  readonly #builder = new FrameBuilder(historyColumns)
  readonly #spans: Span[] = []
  readonly #objects: WarmObject[] = []
  readonly #locators = new Map<string, WarmLocator>()
  #rows = 0

  constructor(writer: WarmWriter, batch: ArchiveBatch) {
    this.#writer = writer
    this.#batch = batch
  }

  async write(): Promise<WrittenBatch> {
    for (const [run, events] of parsedRuns(this.#batch.runs)) {
      if (this.#full(run)) await this.#flush(false)
      this.#append(run, { events, firstEvent: 1 })
      if (run.nextEvent !== undefined) await this.#appendPages(run, run.nextEvent)
    }
    await this.#flush(true)
    const locators = Array.from(this.#locators, ([runId, locator]) => ({ runId, locator }))
    return { objects: this.#objects, locators, rows: this.#rows }
  }

  async #appendPages(run: ProposedRun, from: number): Promise<void> {
    let next: number | undefined = from
    while (next !== undefined) {
      await this.#flush(false)
      const page = await this.#writer.page(run, next)
      const events = pageOf(run, { ...page, firstEvent: next })
      this.#append(run, { events, firstEvent: next })
      next = page.nextEvent
    }
  }

  /** Whether the run would make the object larger than it should be. */
  #full(run: ProposedRun): boolean {
    const { limits } = this.#writer
    const { bytes, rows } = this.#builder
    const more = bytes + run.events.reduce((sum, { length }) => sum + length, 0)
    return rows > 0 && (more > limits.arrowBytes || more * limits.ratio > limits.objectBytes)
  }

  #append(run: ProposedRun, from: { events: readonly EventRow[]; firstEvent: number }): void {
    const { namespace } = this.#batch
    const { workflowId, runId, closedAt } = run
    this.#spans.push({ workflowId, runId, closedAt, rows: from.events.length })
    appendEvents(this.#builder, { ...run, namespace, batchId: batchIdOf(this.#batch) }, from)
  }

  async #flush(last: boolean): Promise<void> {
    if (this.#builder.rows === 0) return
    const objects = packed(this.#builder.take(), this.#spans.splice(0), this.#writer.limits)
    const poisoned = objects.filter((object) => object instanceof Poisoned)
    if (poisoned.length > 0) throw new PoisonedBatch(poisoned)
    for (const [index, object] of objects.entries()) {
      if (!(object instanceof Poisoned)) await this.#put(object, last && index === objects.length - 1)
    }
  }

  async #put(object: Packed, last: boolean): Promise<void> {
    const { fence, bucket } = this.#writer
    const { shard, number } = this.#batch
    const index = this.#objects.length
    const key = `${warmBatchPrefix(this.#batch)}${fence}-${index}.parquet`
    // So that a batch can be put together again without its shard.
    const identity = { shard, number, fence, index, last: last ? 1 : 0 }
    const written = await putWarm(bucket, { key, identity }, object)
    release(object.frame)
    this.#objects.push(written.object)
    this.#rows += written.object.rows
    for (const { runId, piece } of written.pieces) {
      this.#locators.set(runId, [...(this.#locators.get(runId) ?? []), piece])
    }
  }
}

/** All of them or, named together, those that are no rows. */
function parsedRuns(runs: readonly ProposedRun[]): (readonly [ProposedRun, EventRow[]])[] {
  const poisoned: Poisoned[] = []
  const parsed = runs.flatMap((run) => {
    try {
      return [[run, pageOf(run, { ...run, firstEvent: 1 })] as const]
    } catch (error) {
      if (!(error instanceof Poisoned)) throw error
      poisoned.push(error)
      return []
    }
  })
  if (poisoned.length > 0) throw new PoisonedBatch(poisoned)
  return parsed
}

/** As many events as the page says that it has: rows of the shard count theirs, and may be damaged. */
function pageOf(run: ProposedRun, page: ArchivePage & { firstEvent: number }): EventRow[] {
  const events = eventsOf(run, page.events)
  const { firstEvent, nextEvent = run.historyLength + 1 } = page
  if (firstEvent + events.length === nextEvent) return events
  throw new Poisoned(run.runId, `${events.length} events from ${firstEvent} on, and the next is ${nextEvent}`)
}
