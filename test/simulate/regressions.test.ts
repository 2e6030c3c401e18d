/** Scenarios that once broke an invariant, made small. */
import { expect, test } from 'vitest'
import { calmWorld } from './calm.ts'
import { drive } from './drive.ts'
import type { Instruction, Program } from './instructions.ts'
import { checkQuiescent } from './invariants.ts'
import type { Observations } from './observations.ts'
import type { Act } from './scenario.ts'

function program(id: string, body: Instruction[], more: Partial<Program> = {}): Program {
  return { id, body, handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0, ...more }
}

async function played(acts: Act[]): Promise<Observations> {
  const actions = acts.map((act, index) => ({ ...act, atMs: index * 10_000, by: 0 }))
  const world = await calmWorld()
  try {
    const seen = await drive(world, { actions })
    await checkQuiescent(world, { actions }, seen)
    return seen
  } finally {
    world.end()
  }
}

const step = (key: string, fails: number) => ({ do: 'step', key, fails }) as const
const start = (one: Program): Act => ({ kind: 'start', workflowId: 'w', program: one })
const told = (payload: string): Act => ({ kind: 'signal', workflowId: 'w', name: 'paid', payload })
const resetTo = (toEvent: number): Act => ({ kind: 'reset', workflowId: 'w', toEvent })

test('a step that was pending where a run is reset to is done anew, as its first attempt', async () => {
  const once = { do: 'step', key: 's', fails: 0, maxAttempts: 1 } as const
  const { finals } = await played([start(program('p', [once])), resetTo(2)])
  const result = [{ program: 'p', seen: ['s'], handled: [] }]
  expect(finals.get('w')?.ended).toEqual({ status: 'completed', result })
})

test('a run is new to patches that lie behind the point where it is reset to', async () => {
  const all = {
    do: 'all',
    parts: [
      { do: 'sleep', ms: 5 },
      { do: 'patched', id: 'patch' },
    ],
  } as const
  for (const toEvent of [1, 2, 3]) {
    const { finals } = await played([start(program('p', [all])), resetTo(toEvent)])
    const result = [{ program: 'p', seen: [['slept', true]], handled: [] }]
    expect(finals.get('w')?.ended).toEqual({ status: 'completed', result })
  }
})

test('a step that fails in the turn that ends its run is not tried again', async () => {
  const { finals } = await played([
    start(program('p', [{ do: 'race', parts: [step('s1', 0), step('s2', 1)] }])),
  ])
  expect(finals.get('w')?.ended).toMatchObject({ status: 'completed' })
})

test('a run that is terminated names the signals that it had not read', async () => {
  const sleeps = start(program('p', [{ do: 'sleep', ms: 90_000 }]))
  const { histories } = await played([sleeps, told('m1'), { kind: 'terminate', workflowId: 'w' }])
  const [types] = histories.values()
  expect(types?.slice(-3)).toEqual(['signal_received', 'signals_discarded', 'workflow_terminated'])
})

test('what waits for a paused run waits on where that is reset, and is heard when it goes on', async () => {
  const waits = start(program('p', [{ do: 'signal', name: 'paid' }]))
  const to = { workflowId: 'w' }
  const acts: Act[] = [
    waits,
    { kind: 'pause', ...to },
    told('m1'),
    resetTo(2),
    told('m2'),
    { kind: 'resume', ...to },
  ]
  const { finals } = await played(acts)
  expect(finals.get('w')?.ended?.result).toEqual([{ program: 'p', seen: ['m1'], handled: [] }])
})
