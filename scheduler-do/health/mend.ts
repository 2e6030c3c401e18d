/**
 * Mends what a check has found. Only what follows from other rows is written: history, payloads and what the archive
 * holds are never touched.
 */
import { unreachable } from '../../shared/core/unreachable.ts'
import { recordCommand } from '../commands.ts'
import { applyKey } from '../concurrency.ts'
import { tell } from '../inbox.ts'
import { callKey, dueKey } from '../keys.ts'
import { log } from '../log.ts'
import { restartSteps, takeUp } from '../recover.ts'
import { scheduleJob } from '../schedules/moves.ts'
import type { Shard } from '../shard.ts'
import { deleteOwned, renumberOutbox, setRunColumns } from '../store/health.ts'
import { addToId, setLatest } from '../store/ids.ts'
import { writeFact } from '../store/meta.ts'
import { setSent } from '../store/peers.ts'
import { runRow, setCause } from '../store/runs.ts'
import type { Mend } from './flaw.ts'

/** Between turns. What is for a turn to do is done by the next one. */
export function mendAll(shard: Shard, mends: readonly Mend[]): void {
  for (const mend of mends) shard.transaction(() => mendOne(shard, mend))
}

function mendOne(shard: Shard, mend: Mend): void {
  const { sql, memory } = shard
  switch (mend.kind) {
    case 'issue':
      shard.submit(tell((turn) => turn.touch(mend.runId, (live) => recordCommand(turn, live, mend.event))))
      return
    case 'wake':
      setCause(sql, mend.runId, 'step')
      shard.submit(tell((turn) => turn.touch(mend.runId, (live) => restartSteps(turn, live, shard))))
      return
    case 'take_up':
      takeUp(shard, mend.runId)
      return
    case 'delete_row':
      deleteOwned(sql, mend)
      forget(shard, mend)
      return
    case 'set_run':
      setRunColumns(sql, mend.runId, mend.columns)
      memory.runs.delete(mend.runId)
      return
    case 'set_latest':
      setLatestRun(shard, mend)
      return
    default:
      mendShard(shard, mend)
  }
}

type OfRun = 'issue' | 'wake' | 'take_up' | 'delete_row' | 'set_run' | 'set_latest'

function mendShard(shard: Shard, mend: Exclude<Mend, { kind: OfRun }>): void {
  const { sql, memory, changeEvents } = shard
  switch (mend.kind) {
    case 'arm':
      shard.alarm.rearm()
      return
    case 'renumber':
      renumber(shard, mend.shard, mend.watermark)
      return
    case 'set_position':
      writeFact(sql, 'cdc_position', memory.positions.sequence - 1)
      if (changeEvents) changeEvents.position = changeEvents.persisted = memory.positions.sequence - 1
      return
    case 'advance_schedule':
      shard.submit(scheduleJob(shard, mend.scheduleId))
      return
    case 'leave_line': {
      const { taskQueue, concurrencyKey, holder } = mend
      const left = { kind: 'key_released', from: holder, taskQueue, concurrencyKey } as const
      shard.submit(tell((turn) => applyKey(turn, left)))
      return
    }
    default:
      unreachable(mend)
  }
}

function setLatestRun({ sql }: Shard, { workflowId, runId }: Extract<Mend, { kind: 'set_latest' }>): void {
  addToId(sql, workflowId, runId)
  if (runRow(sql, runId)?.completedAt === null) setLatest(sql, { workflowId, runId, status: null })
}

function forget({ memory }: Shard, { table, runId, id }: Extract<Mend, { kind: 'delete_row' }>): void {
  if (typeof id !== 'number') return
  if (table === 'workflow_timers') memory.deadlines.delete(dueKey({ kind: 'timer', runId, seq: id }))
  if (table === 'workflow_activities') memory.dropTask(callKey(runId, id))
}

/** Met by the outbox itself: the other shard takes nothing more. */
export async function closeGap(shard: Shard, peer: number, watermark: number): Promise<void> {
  log('outbox_gap', { shard: peer, watermark })
  await shard.read(async () => shard.transaction(() => renumber(shard, peer, watermark)))
  shard.outbox.flush()
}

/** Rows that the other shard has applied go; the others follow its watermark without a gap. */
function renumber({ sql, memory, outbox }: Shard, peer: number, watermark: number): void {
  // Under its old number, a message that is on its way could be applied a second time: it is met again after that.
  if (outbox.busy(peer)) return
  const last = renumberOutbox(sql, peer, watermark)
  setSent(sql, peer, last)
  memory.positions.sent.set(peer, last)
  outbox.replace(peer)
}
