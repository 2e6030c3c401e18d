/**
 * Objects lost in the middle of a turn: each place where a turn waits for the platform or commits is a point, and the
 * object that comes to the chosen one is ended there, with whatever had not been flushed.
 */
import { runInDurableObject } from 'cloudflare:test'
import { onTestFinished } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { WorkflowHandle } from '../../shared/index.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import type { RunState } from '../../shared/core/state.ts'
import { SHARDS, advance, client, world } from './world.ts'

export const PLACES = [
  'before drain',
  'after drain',
  'before commit',
  'within commit',
  'after commit',
  'after flush',
] as const
type Place = (typeof PLACES)[number]

interface Loss {
  /** Points passed so far, in every shard. */
  passed: number
  lost: boolean
}

const objects = world.SCHEDULER as unknown as DurableObjectNamespace // as bound in test/workers/wrangler.toml

export function shardObject(shard: number): DurableObjectStub {
  return objects.get(objects.idFromName(`default/${shard}`))
}

/** The object that comes to the point `at` (from 0) of the kind `where` is lost there; one object, once, in this test. */
export async function loseAt(where: Place, at: number): Promise<Loss> {
  await client.count() // wakes the objects
  const loss: Loss = { passed: 0, lost: false }
  let isOver = false
  onTestFinished(() => {
    isOver = true
  })
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const laid = (_object: DurableObject, state: DurableObjectState): void =>
      lay(state, (place) => {
        if (isOver || loss.lost || place !== where) return
        loss.lost = loss.passed === at
        if (loss.lost) state.abort(`lost ${place}`)
        loss.passed += 1
      })
    // The loss that was laid before may come this late.
    await persist(() => runInDurableObject(shardObject(shard), laid))
  }
  return loss
}

/** Every object is lost, with whatever it has not flushed. */
export async function loseAll(): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await runInDurableObject(shardObject(shard), (_object, state) => state.abort('lost')).catch(() => {})
  }
}

/** What a run returns. A message that was lost with its object is sent again a minute later: that minute is advanced. */
export async function resultOf<R>(handle: Pick<WorkflowHandle<R>, 'describe' | 'result'>): Promise<R> {
  for (let asked = 1; (await handle.describe()).status === 'running'; asked += 1)
    if (asked % 50 === 0) await persist(() => advance(60_000))
  return await handle.result()
}

/** Hooks carry no ids to be repeated by: an object may be lost while it answers, then it is asked again. */
export async function persist<T>(hook: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await hook()
    } catch (error) {
      if (attempt === 10) throw error
      await client.count() // takes its time, until the objects are there again
    }
  }
}

function lay(state: DurableObjectState, pass: (place: Place) => void): void {
  const { storage } = state
  const { prototype } = storage.constructor as { prototype: DurableObjectStorage } // its own methods are ours to lay over
  let guarded = false
  storage.sync = async () => {
    pass('before drain')
    await prototype.sync.call(storage)
    pass('after drain')
  }
  storage.transactionSync = <T>(write: () => T): T => {
    pass('before commit')
    guarded = true
    const written = prototype.transactionSync.call(storage, () => {
      const value = write()
      pass('within commit')
      return value
    }) as T // what `write` gave
    guarded = false
    pass('after commit')
    void prototype.sync.call(storage).then(() => pass('after flush'))
    return written
  }
  layStatements(storage, (place) => guarded || pass(place))
}

/** Of a turn without a savepoint: its statements are known by what they say, and it is over when the macrotask is. */
function layStatements(storage: DurableObjectStorage, pass: (place: Place) => void): void {
  const { sql } = storage
  const { prototype } = sql.constructor as { prototype: SqlStorage } // as above
  let writing = false
  sql.exec = <T extends Record<string, SqlStorageValue>>(text: string, ...values: unknown[]) => {
    const ofTurn = text.includes(' OR FAIL ')
    if (ofTurn && !writing) {
      writing = true
      pass('before commit')
      queueMicrotask(() => pass('after commit'))
      const own = storage.constructor as { prototype: DurableObjectStorage } // as above
      void own.prototype.sync.call(storage).then(() => {
        writing = false
        pass('after flush')
      })
    }
    const cursor = prototype.exec.call(sql, text, ...values) as SqlStorageCursor<T> // as the caller has it
    if (ofTurn) pass('within commit')
    return cursor
  }
}

interface RunRow {
  readonly runId: string
  readonly workflowId: string
  readonly completedAt: number | null
  /** Whether it may have activities without a row. */
  readonly isYoung: number | null
}

/** Where the rows of a shard say something else than its history, where that is here: a turn of which only a part was written. */
export async function contradictions(): Promise<string[]> {
  await client.count() // wakes the objects
  const found: string[] = []
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const own = (_object: DurableObject, { storage }: DurableObjectState) => contradictionsOf(storage.sql)
    // What a turn has left to do behind its commit may end in a loss now.
    found.push(...(await persist(() => runInDurableObject(shardObject(shard), own))))
  }
  return found
}

function contradictionsOf(sql: SqlStorage): string[] {
  const statement = `SELECT run_id AS runId, workflow_id AS workflowId, completed_at AS completedAt, cause = 'activity' AS isYoung
    FROM workflows WHERE archive_batch IS NULL`
  const runs = sql.exec(statement).toArray() as unknown as RunRow[] // as selected
  return runs.flatMap((run) => {
    const { state, gaps } = folded(sql, run)
    const open = (calls: ReadonlyMap<number, unknown>) => (state.closed ? [] : [...calls.keys()]).join()
    const activities = seqs(sql, run, "workflow_activities WHERE kind = 'activity'")
    const contradicted = {
      'a gap in its history': gaps,
      'closed only by half': (state.closed === null) !== (run.completedAt === null),
      'other timers': open(state.timers) !== seqs(sql, run, 'workflow_timers WHERE TRUE'),
      'other activities': !run.isYoung && open(state.activities) !== activities,
    }
    return Object.entries(contradicted).flatMap(([what, found]) =>
      found ? [`${run.workflowId}: ${what}`] : [],
    )
  })
}

function folded(sql: SqlStorage, { workflowId, runId }: RunRow): { state: RunState; gaps: boolean } {
  const state = emptyState(workflowId, runId)
  const statement =
    'SELECT first_event_id AS first, events FROM history WHERE run_id = ? ORDER BY first_event_id'
  const turns = sql.exec(statement, runId).toArray() as unknown as { first: number; events: string }[] // as selected
  let gaps = false
  for (const { first, events } of turns) {
    gaps ||= first !== state.lastEventId + 1
    for (const event of JSON.parse(events) as HistoryEvent[]) evolve(state, event)
  }
  return { state, gaps }
}

function seqs(sql: SqlStorage, { runId }: RunRow, table: string): string {
  const rows = sql.exec(`SELECT seq FROM ${table} AND run_id = ? ORDER BY seq`, runId).toArray()
  return rows.map(({ seq }) => Number(seq)).join()
}
