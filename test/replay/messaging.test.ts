import { expect, test } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { completed, replayed, Run, seeded, signalled } from './driver.ts'
import { messaging } from './messaging.ts'

const SEEDS = 150
const MOST_TURNS = 40

function asked(run: Run, updateId: string, discount: number): Input {
  const args = ['line', discount]
  const refusal = run.coroutine.updates.judge('price', args)
  return { type: 'update_workflow', updateId, name: 'price', args, ...(refusal && { refusal }) }
}

function ended(run: Run, draw: () => number): Input[] {
  const { activities, steps } = run.state
  const open = [...activities.keys(), ...steps.keys()]
  const seq = open[Math.floor(draw() * open.length)]
  if (seq === undefined) return []
  if (draw() < 0.85) return [completed(run.state, seq, Math.floor(draw() * 4))]
  const error = { name: 'Error', message: 'unfit', code: 'application_error' }
  const type = steps.has(seq) ? 'resolve_step' : 'resolve_activity'
  return [{ type, seq, attempt: 1, end: { kind: 'failed', error } }]
}

function randomInputs(run: Run, draw: () => number): Input[] {
  const kind = draw()
  if (kind < 0.5) return ended(run, draw)
  if (kind < 0.65) return [signalled('line', draw())]
  if (kind < 0.75) return [signalled('word', ['a', 'b', 'c', 'end', 'fail'][Math.floor(draw() * 5)])]
  if (kind < 0.97) return [asked(run, `update ${Math.floor(draw() * 20)}`, Math.floor(draw() * 4) - 1)]
  return [{ type: 'request_cancel' }]
}

/** Lives through one run, with the coroutine dropped and replayed before every turn if `evicted`. */
async function lived(seed: number, evicted: boolean): Promise<Run> {
  const draw = seeded(seed)
  const ids = seeded(-seed)
  const run = new Run(messaging)
  await run.start({ limit: Math.floor(draw() * 3) })
  for (let turn = 0; turn < MOST_TURNS && !run.state.closed; turn += 1) {
    if (evicted) await run.evict()
    const inputs = Array.from({ length: draw() < 0.3 ? 3 : 1 }, () => randomInputs(run, draw)).flat()
    await run.give(
      ...inputs.map((input) => ('signalId' in input ? { ...input, signalId: `${ids()}` } : input)),
    )
  }
  return run
}

function stackless(history: readonly HistoryEvent[]): unknown {
  return JSON.parse(JSON.stringify(history, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

test('handlers, updates and compensations record the same, evicted before every turn or never', async () => {
  const kinds = new Map<string, number>()
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const run = await lived(seed, false)
    const again = await lived(seed, true)
    expect(stackless(again.history), `seed ${seed}`).toEqual(stackless(run.history))
    await replayed(messaging, run.history)
    for (const type of new Set(run.types)) kinds.set(type, (kinds.get(type) ?? 0) + 1)
    if (!run.state.closed) continue
    expect(run.state.updatesInFlight, `seed ${seed}`).toBe(0)
    expect(run.state.activities.size + run.state.steps.size, `seed ${seed}`).toBe(0)
  }
  const ends = ['completed', 'failed', 'cancelled'].map((end) => `workflow_${end}`)
  const types = ['update_completed', 'update_failed', 'step_completed', 'memo_upserted', ...ends]
  expect(types.filter((type) => (kinds.get(type) ?? 0) < 5)).toEqual([])
})
