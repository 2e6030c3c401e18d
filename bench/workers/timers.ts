/** Runs that all sleep until the same instant: how late each goes on. */
import type { Round } from '../figures.ts'
import type { Engine } from './driver.ts'

/** A part of the runs tells, by being started and ended before, how long the start of all takes. */
const PROBE = 0.1
/** Each start of Cloudflare Workflows takes longer than the last. */
const MARGIN = 2.5
const LEAD_MS = 1_000

export async function timerRuns(
  engine: Engine,
  round: Round,
  prefix: string,
): Promise<{ wallMs: number; samplesMs: number[] }> {
  const ids = Array.from({ length: round.atLeast }, (_, n) => `${prefix}-${n}`)
  const probed = ids.slice(0, Math.ceil(ids.length * PROBE)).map((id) => `${id}-probe`)
  const probedAt = Date.now()
  await Promise.all((await engine.startSleeping(probed, probedAt)).lateness)
  const at = Date.now() + LEAD_MS + ((Date.now() - probedAt) / PROBE) * MARGIN
  const { lateness } = await engine.startSleeping(ids, at)
  const startedAt = Date.now()
  const samplesMs = await Promise.all(lateness)
  if (startedAt > at) throw new Error(`the last runs were started ${startedAt - at} ms after they were due`)
  return { wallMs: Math.max(0, ...samplesMs), samplesMs }
}
