/** What the shards of a world have written, as plain values. */
import { emptyState, evolve } from '../../shared/core/state.ts'
import type { RunState } from '../../shared/core/state.ts'
import type { HistoryEvent, WorkflowStarted } from '../../shared/core/events.ts'
import type { RawRun } from '../../scheduler-do/store/runs.ts'
import type { Ledger } from './archive/ledger.ts'
import type { DiskView, WorldView } from './view.ts'

interface RecordedTurn {
  readonly run_id: string
  readonly first_event_id: number
  readonly sequence: number
  readonly event_count: number
  readonly events: readonly HistoryEvent[]
}

export interface RecordedRun {
  readonly shard: number
  readonly runId: string
  readonly workflowId: string
  readonly row: RawRun
  readonly turns: readonly RecordedTurn[]
  readonly events: readonly HistoryEvent[]
}

interface TaskRow {
  readonly run_id: string
  readonly seq: number
  readonly kind: string
  readonly status: string
  readonly activity_type: string
  readonly attempt: number
  readonly due_at: number
  readonly claim: string | null
  readonly cancel_requested: number
}

interface TimerRow {
  readonly run_id: string
  readonly seq: number
  readonly workflow_id: string
  readonly fire_at: number
}

interface SignalRow {
  readonly run_id: string
  readonly signal_id: string
  readonly signal_name: string
  readonly received_at: number
}

interface OutboxRow {
  readonly shard: number
  readonly number: number
  readonly run_id: string
  readonly delivery: string
}

export interface RecordedShard {
  readonly namespace: string
  readonly shard: number
  readonly alarmAt: number | null
  readonly runs: readonly RecordedRun[]
  /** Of runs that have no row. */
  readonly strays: readonly RecordedTurn[]
  readonly tasks: readonly TaskRow[]
  readonly timers: readonly TimerRow[]
  readonly signals: readonly SignalRow[]
  readonly outbox: readonly OutboxRow[]
  readonly parked: readonly { readonly run_id: string; readonly number: number; readonly input: string }[]
  readonly peers: readonly {
    readonly shard: number
    readonly sent_number: number
    readonly applied_number: number
  }[]
  readonly ids: readonly {
    readonly workflow_id: string
    readonly first_run_id: string
    readonly run_id: string
  }[]
  readonly keys: readonly {
    readonly task_queue: string
    readonly key: string
    readonly number: number
    readonly holder: string
  }[]
  readonly schedules: readonly { readonly schedule_id: string; readonly due_at: number | null }[]
  /** How many rows wait for an object in R2. */
  readonly held: number
}

export function recordedShards(view: WorldView): RecordedShard[] {
  return view.disks().flatMap((disk) => {
    const address = addressOf(disk)
    return address ? [recordedShard(disk, address, view.archive?.ledger)] : []
  })
}

/** What a shard's alarm is for. */
export interface ArmedShard extends Pick<RecordedShard, 'shard' | 'alarmAt' | 'timers' | 'tasks'> {
  readonly runs: readonly { readonly runId: string; readonly row: Pick<RawRun, 'status' | 'blocked'> }[]
}

/** No more than that is read: it is looked at after every write. */
export function armedShards(view: WorldView): ArmedShard[] {
  return view.disks().flatMap((disk) => {
    const address = addressOf(disk)
    if (!address) return []
    const rows = <T>(statement: string): T[] => disk.sql.exec(statement).toArray() as T[] // as the schema has them
    const timers = rows<TimerRow>('SELECT * FROM workflow_timers')
    const tasks = rows<TaskRow>('SELECT * FROM workflow_activities')
    const open =
      timers.length + tasks.length > 0
        ? rows<RawRun>('SELECT run_id, status, blocked FROM workflows WHERE completed_at IS NULL')
        : []
    const runs = open.map((row) => ({ runId: row.run_id, row }))
    return [{ shard: address.shard, alarmAt: disk.alarmAt, timers, tasks, runs }]
  })
}

/** Those that have closed and not left the shard. Their turns do not change any more: `known` are not read again. */
export function closedRuns(
  disk: DiskView,
  known: (runId: string) => readonly RecordedTurn[] | undefined,
): RecordedRun[] {
  const address = addressOf(disk)
  if (!address) return []
  const { shard } = address
  const statement = 'SELECT * FROM workflows WHERE completed_at IS NOT NULL AND archive_batch IS NULL'
  const rows = disk.sql.exec(statement).toArray() as unknown as RawRun[] // as the schema has them
  return rows.map((row) => runOf(row, known(row.run_id) ?? turnsOf(disk, row.run_id), shard))
}

function turnsOf({ sql }: DiskView, runId: string): RecordedTurn[] {
  const statement = 'SELECT * FROM history WHERE run_id = ? ORDER BY first_event_id'
  return (sql.exec(statement, runId).toArray() as unknown as WrittenTurn[]).map(parsedTurn) // as the schema has them
}

export function recordedRuns(shards: readonly RecordedShard[]): RecordedRun[] {
  return shards.flatMap(({ runs }) => runs)
}

/** The state that the run's history gives. */
export function folded({ workflowId, runId, events }: RecordedRun): RunState {
  return events.reduce((state, event) => evolve(state, event), emptyState(workflowId, runId))
}

export function startedOf({ events, runId }: RecordedRun): WorkflowStarted {
  const [first] = events
  if (first?.type === 'workflow_started') return first
  throw new Error(`run ${runId} does not begin with its start`)
}

interface Address {
  readonly namespace: string
  readonly shard: number
}

/** Null before the object was first asked for something. */
export function addressOf(disk: DiskView): Address | null {
  const tables = disk.sql.exec("SELECT name FROM sqlite_master WHERE name = 'meta'").toArray()
  const [row] =
    tables.length > 0 ? disk.sql.exec("SELECT value FROM meta WHERE key = 'address'").toArray() : []
  return row ? (JSON.parse(String(row['value'])) as Address) : null // as the shard has written it
}

type WrittenTurn = Omit<RecordedTurn, 'events'> & { readonly events: string }

function parsedTurn(turn: WrittenTurn): RecordedTurn {
  return { ...turn, events: JSON.parse(turn.events) as HistoryEvent[] } // our own text
}

function recordedShard(disk: DiskView, address: Address, ledger?: Ledger): RecordedShard {
  const all = <T>(table: string, order = ''): T[] =>
    disk.sql.exec(`SELECT * FROM ${table} ${order}`).toArray() as T[] // as the schema has them
  const parsed = all<WrittenTurn>('history', 'ORDER BY run_id, first_event_id').map(parsedTurn)
  const byRun = Map.groupBy(parsed, (turn) => turn.run_id)
  const rows = all<RawRun>('workflows', 'ORDER BY run_id')
  const known = new Set(rows.map((row) => row.run_id))
  return {
    ...address,
    alarmAt: disk.alarmAt,
    runs: [
      ...rows.map((row) => {
        const archived = row.archive_batch === null ? undefined : ledger?.get(row.run_id)
        return archived ?? runOf(row, byRun.get(row.run_id) ?? [], address.shard)
      }),
      ...(ledger?.of(address.shard) ?? []).filter(({ runId }) => !known.has(runId)),
    ],
    strays: parsed.filter((turn) => !known.has(turn.run_id)),
    tasks: all('workflow_activities'),
    timers: all('workflow_timers'),
    signals: all('workflow_signals'),
    outbox: all('outbox', 'ORDER BY shard, number'),
    parked: all('parked_inputs'),
    peers: all('peers'),
    ids: all('workflow_ids'),
    keys: all('concurrency_keys', 'ORDER BY task_queue, key, number'),
    schedules: all('schedules'),
    held: all('held_deliveries').length + all('payloads').length + all('payload_copies').length,
  }
}

function runOf(row: RawRun, turns: readonly RecordedTurn[], shard: number): RecordedRun {
  const { run_id: runId, workflow_id: workflowId } = row
  return { shard, runId, workflowId, row, turns, events: turns.flatMap(({ events }) => events) }
}

/** How many events each run has on its shard's disk, or had when it closed. */
export function committedEvents(view: WorldView): Map<string, number> {
  const statement = `SELECT run_id, COALESCE(history_length,
    (SELECT SUM(event_count) FROM history WHERE history.run_id = workflows.run_id)) AS events FROM workflows`
  const rows = view.disks().flatMap((disk) => (addressOf(disk) ? disk.sql.exec(statement).toArray() : []))
  return new Map([
    ...(view.archive?.ledger.all ?? []).map(({ runId, events }) => [runId, events.length] as const),
    ...rows.map((row) => [String(row['run_id']), Number(row['events'])] as const),
  ])
}
