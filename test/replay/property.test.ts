import { expect, test } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { replayed, Run, seeded } from './driver.ts'
import { interpreter, randomInput, randomProgram } from './programs.ts'
import type { Program } from './programs.ts'

const SEEDS = 300
const MOST_TURNS = 40

interface Turn {
  at: number
  inputs: Input[]
}

/** Lives through one run; what it was given is the script by which it can be lived again. */
async function lived(seed: number): Promise<{ run: Run; program: Program; script: Turn[] }> {
  const draw = seeded(seed)
  const program = randomProgram(draw)
  const run = new Run(interpreter)
  await run.start(program)
  const script: Turn[] = []
  while (!run.state.closed && script.length < MOST_TURNS) {
    run.now += Math.floor(draw() * 2_000)
    const inputs = Array.from({ length: draw() < 0.3 ? 3 : 1 }, () => randomInput(run, draw))
    script.push({ at: run.now, inputs })
    await run.give(...inputs)
  }
  return { run, program, script }
}

/** The same script, with the coroutine dropped and replayed before every turn. */
async function evicted(program: Program, script: readonly Turn[]): Promise<HistoryEvent[]> {
  const run = new Run(interpreter)
  await run.start(program)
  for (const { at, inputs } of script) {
    await run.evict()
    run.now = at
    await run.give(...inputs)
  }
  return run.history
}

/** A stack names the line of this test that fed the event: the two have it from different ones. */
function stackless(history: readonly HistoryEvent[]): unknown {
  return JSON.parse(JSON.stringify(history, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

test('a run that is evicted before every turn records what the one that never was did', async () => {
  let closed = 0
  const kinds = new Set<string>()
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { run, program, script } = await lived(seed)
    const history = await evicted(program, script)
    expect(stackless(history), `seed ${seed}`).toEqual(stackless(run.history))
    const whole = await replayed(interpreter, run.history)
    expect(whole.waitingFor(), `seed ${seed}`).toEqual(run.coroutine.waitingFor())
    expect(whole.random.next(), `seed ${seed}`).toBe(run.coroutine.random.next())
    closed += run.state.closed ? 1 : 0
    for (const type of run.types) kinds.add(type)
  }
  expect(closed).toBeGreaterThan(SEEDS / 2)
  expect(kinds.size).toBeGreaterThan(25)
})
