import { describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, gate, historyOf, recorded, typesOf, until } from './world.ts'
import type { Gate } from './world.ts'

/** How often each step's function ran, and what holds it back. */
const ran: string[] = []
const gates = new Map<string, Gate>()
const timesRan = (step: string) => ran.filter((one) => one === step).length

function hold(...steps: string[]): void {
  for (const step of steps) gates.set(step, gate())
}

const note = signal<number>('note')

async function body(step: string): Promise<string> {
  ran.push(step)
  await gates.get(step)?.passed
  return `${step} done`
}

const oneStep = workflow('oneStep', async (ctx, name: string) => ctx.run(name, () => `${name} done`))
const heldStep = workflow('heldStep', async (ctx, name: string) => {
  const signals: number[] = []
  const reading = (async () => {
    while (signals.length < 3) signals.push(await ctx.waitForSignal(note))
  })()
  const result = await ctx.run(name, () => body(name))
  await reading
  return { result, signals }
})
/** Before each step's function: what history holds by then. */
const recordedBefore: string[][] = []
const serialSteps = workflow('serialSteps', async (ctx) => {
  const results: number[] = []
  for (const step of [1, 2, 3])
    results.push(
      await ctx.run(`step ${step}`, async () => {
        recordedBefore.push(await typesOf(client.getHandle('serial')))
        return step
      }),
    )
  return results
})
const parallelSteps = workflow('parallelSteps', async (ctx, names: string[]) =>
  Promise.all(names.map((name) => ctx.run(name, () => body(name)))),
)
const siblings = workflow('siblings', async (ctx) =>
  Promise.all([
    ctx.run('finished', () => body('finished')),
    ctx.run(
      'retrying',
      () => {
        ran.push('retrying')
        if (timesRan('retrying') < 4) throw new Error('not yet')
        return 'retrying done'
      },
      { retry: { initialInterval: '1m', backoffCoefficient: 1 } },
    ),
  ]),
)
register(oneStep, heldStep, serialSteps, parallelSteps, siblings)

describe('inline steps', () => {
  test('9 local_activity/complete_immediately: leaves exactly one recorded result', async () => {
    const run = await client.start(oneStep, { workflowId: 'one step', input: 'quick' })
    await expect(run.result()).resolves.toBe('quick done')
    expect(await typesOf(run)).toEqual([
      'workflow_started',
      'step_scheduled',
      'step_completed',
      'workflow_completed',
    ])
    expect(await recorded(run, 'step_completed')).toEqual([{ seq: 1, attempt: 1, result: 'quick done' }])
  })

  test('10 local_activity/complete_eventually: a long step holds up no turn, its result is recorded once', async () => {
    hold('long')
    const run = await client.start(heldStep, { workflowId: 'long step', input: 'long' })
    await until(() => timesRan('long') === 1)
    for (const number of [1, 2, 3]) {
      await run.signal(note, number)
      await expect(client.execute(oneStep, { input: `beside ${number}` })).resolves.toBe(
        `beside ${number} done`,
      )
    }
    await advance(300_000) // below its start-to-close timeout of ten minutes
    gates.get('long')!.open()
    await expect(run.result()).resolves.toEqual({ result: 'long done', signals: [1, 2, 3] })
    expect(timesRan('long')).toBe(1)
    expect(await recorded(run, 'step_completed')).toHaveLength(1)
  })

  test('11 local_activity/serial: three records in order, each committed before the next step begins', async () => {
    const run = await client.start(serialSteps, { workflowId: 'serial' })
    await expect(run.result()).resolves.toEqual([1, 2, 3])
    expect(await recorded(run, 'step_completed')).toMatchObject([
      { seq: 1, result: 1 },
      { seq: 2, result: 2 },
      { seq: 3, result: 3 },
    ])
    const step = ['step_scheduled', 'step_completed']
    expect(recordedBefore).toEqual([
      ['workflow_started', 'step_scheduled'],
      ['workflow_started', ...step, 'step_scheduled'],
      ['workflow_started', ...step, ...step, 'step_scheduled'],
    ])
  })

  test('12 local_activity/concurrent: one record each, early finishers are durable before late ones', async () => {
    const names = ['slow', 'slower', 'slowest']
    hold(...names)
    const run = await client.start(parallelSteps, { workflowId: 'concurrent', input: names })
    await until(() => names.every((name) => timesRan(name) === 1)) // all have begun before any has ended
    gates.get('slowest')!.open()
    await until(async () => (await recorded(run, 'step_completed')).length === 1)
    await evict() // what has ended is safe; the attempts under way are lost, and begun again
    await until(() => timesRan('slow') === 2 && timesRan('slower') === 2)
    gates.get('slower')!.open()
    gates.get('slow')!.open()
    await expect(run.result()).resolves.toEqual(['slow done', 'slower done', 'slowest done'])
    expect(timesRan('slowest')).toBe(1)
    const outcomes = await recorded(run, 'step_completed')
    expect(outcomes.map(({ seq }) => Number(seq)).toSorted((a, b) => a - b)).toEqual([1, 2, 3])
    expect(outcomes[0]).toMatchObject({ seq: 3, result: 'slowest done', attempt: 1 })
    expect(outcomes.slice(1)).toMatchObject([{ attempt: 2 }, { attempt: 2 }])
  })

  test('13 local_activity/one_success_one_fail: a finished step is not run again while its sibling is retried', async () => {
    const run = await client.start(siblings, { workflowId: 'siblings' })
    for (let attempt = 1; attempt < 4; attempt += 1) {
      await until(() => timesRan('retrying') === attempt)
      await until(async () => (await typesOf(run)).includes('step_completed'))
      if (attempt === 2) await evict()
      await advance(60_000)
    }
    await expect(run.result()).resolves.toEqual(['finished done', 'retrying done'])
    expect(timesRan('finished')).toBe(1)
    expect(timesRan('retrying')).toBe(4)
    const ends = (await historyOf(run)).filter(({ type }) => /^step_(completed|failed)$/.test(type))
    expect(ends.map(({ data }) => data)).toMatchObject([
      { seq: 1, attempt: 1 },
      { seq: 2, attempt: 4 },
    ])
  })
})
