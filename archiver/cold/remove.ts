/**
 * Runs taken out of both tables: every file that holds one is written anew without it.
 *
 * R1 A file is replaced only while it is live; when another commit came first, what is live is looked at again.
 */
import { executionColumns, historyColumns } from '../columns.ts'
import { ArchiveError } from '../error.ts'
import { stringsOf, textAt } from '../frame.ts'
import { dayOf } from '../iceberg/bounds.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import type { DataFile } from '../iceberg/file.ts'
import { liveFiles } from '../iceberg/live.ts'
import { dataLocation } from '../iceberg/names.ts'
import { replaceFiles } from '../iceberg/replace.ts'
import { dayOfFile, writeDataFile } from './datafile.ts'
import { merged } from './merge.ts'
import { executionOrder, historyOrder, type Slice } from './order.ts'
import { ColdSource } from './sources.ts'
import { StatisticsGatherer } from './statistics.ts'
import { tableNames, type ColdTier, type Table } from './tier.ts'

export interface RemovedRun {
  readonly workflowId: string
  readonly runId: string
  readonly closedAt: number
}

const ATTEMPTS = 5

/** Answers the ids of the runs that either table held. */
export async function removeRuns(
  cold: ColdTier,
  runs: readonly RemovedRun[],
  newId: () => string,
): Promise<Set<string>> {
  const found = new Set<string>()
  for (const table of ['history', 'executions'] as const) {
    const removal = new Removal(cold, table, newId)
    for (const runId of await removal.of(runs)) found.add(runId)
  }
  return found
}

class Removal {
  readonly #cold: ColdTier
  readonly #table: Table
  readonly #newId: () => string

  constructor(cold: ColdTier, table: Table, newId: () => string) {
    this.#cold = cold
    this.#table = table
    this.#newId = newId
  }

  async of(runs: readonly RemovedRun[]): Promise<Iterable<string>> {
    for (let attempt = 1; ; attempt++) {
      const loaded = await this.#cold.catalog.load(tableNames[this.#table])
      if (loaded === null) return []
      const holding = await this.#filesWith(loaded, runs)
      if (holding.size === 0) return []
      try {
        await this.#rewrite(loaded, holding)
        return new Set([...holding.values()].flatMap((runIds) => [...runIds]))
      } catch (error) {
        const overtaken = error instanceof ArchiveError && error.fault === 'plan_stale'
        if (!overtaken || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #filesWith(loaded: LoadedTable, runs: readonly RemovedRun[]): Promise<Map<DataFile, Set<string>>> {
    const holding = new Map<DataFile, Set<string>>()
    const known = new Map<string, DataFile>()
    for (const { workflowId, runId, closedAt } of runs) {
      const days = [dayOf(closedAt), dayOf(closedAt)] as const
      const equals = { workflow_id: workflowId, run_id: runId }
      for await (const listed of liveFiles(loaded.metadata, this.#cold.warehouse, { days, equals })) {
        const file = known.get(listed.location) ?? listed
        known.set(listed.location, file)
        if (!(await this.#holds(file, runId))) continue
        const runIds = holding.get(file)
        if (runIds) runIds.add(runId)
        else holding.set(file, new Set([runId]))
      }
    }
    return holding
  }

  async #holds(file: DataFile, runId: string): Promise<boolean> {
    using source = await this.#open(file)
    for (let frame = await source.next(['run_id']); frame !== null; frame = await source.next(['run_id'])) {
      const runIds = stringsOf(frame, 'run_id')
      for (let row = 0; row < frame.rows; row++) if (textAt(runIds, row) === runId) return true
    }
    return false
  }

  async #rewrite(loaded: LoadedTable, holding: ReadonlyMap<DataFile, ReadonlySet<string>>): Promise<void> {
    const added: DataFile[] = []
    for (const [file, runIds] of holding) {
      const without = await this.#without(loaded, file, runIds)
      if (without !== null) added.push(without)
    }
    const operation = added.length === 0 ? 'delete' : 'overwrite'
    await replaceFiles(this.#cold.open(this.#table), { removed: [...holding.keys()], added, operation })
  }

  async #without(loaded: LoadedTable, file: DataFile, runIds: ReadonlySet<string>): Promise<DataFile | null> {
    const { warehouse } = this.#cold
    const order = this.#order()
    const columns = this.#table === 'history' ? historyColumns : executionColumns
    const statistics = new StatisticsGatherer(columns, order.constant)
    using source = await this.#open(file)
    const frames = merged({
      order,
      sources: [source],
      wanted: ({ frame, from }: Slice) => !runIds.has(textAt(stringsOf(frame, 'run_id'), from) ?? ''),
      seen: (slice) => statistics.add(slice),
    })
    const day = dayOfFile(file)
    const key = warehouse.keyOf(dataLocation(loaded.metadata.location, day, this.#newId()))
    const { sortOrderId } = file
    return await writeDataFile({ warehouse, key, columns, day, statistics, sortOrderId }, frames)
  }

  #order(): typeof historyOrder {
    return this.#table === 'history' ? historyOrder : executionOrder
  }

  #open(file: DataFile): Promise<ColdSource> {
    return ColdSource.open(this.#cold.warehouse, file.location, this.#order())
  }
}
