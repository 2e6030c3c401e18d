/** The plan for a load: what must hold of it whatever its assumptions are. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { planOf } from '../scripts/capacity/model.ts'
import type { Lane, Load } from '../scripts/capacity/model.ts'

const LANES: readonly Lane[] = ['inline', 'eager', 'queue']
const load = (more: Partial<Load> = {}): Load => ({
  lane: 'inline',
  stepsPerDay: 1e9,
  stepsPerRun: 1_000,
  peak: 2,
  keepDays: 30,
  ...more,
})

describe.each(LANES)('%s', (lane) => {
  test('costs less for each step the more there are, and takes no fewer shards', () => {
    const plans = [1e6, 1e8, 1e10].map((stepsPerDay) => planOf(load({ lane, stepsPerDay })))
    const costs = plans.map(({ dollarsPerMillionSteps }) => dollarsPerMillionSteps)
    expect(costs).toEqual(costs.toSorted((one, other) => other - one))
    const shards = plans.map((plan) => plan.shards)
    expect(shards).toEqual(shards.toSorted((one, other) => one - other))
  })

  test('costs what its parts cost', () => {
    const { costs, dollarsPerDay } = planOf(load({ lane }))
    expect(Object.values(costs).reduce((sum, cost) => sum + cost, 0)).toBeCloseTo(dollarsPerDay)
  })
})

test('a Queue costs more than a call, and a call more than nothing; short runs more than long ones', () => {
  const [inline, eager, queue] = LANES.map((lane) => planOf(load({ lane })).dollarsPerMillionSteps)
  expect(inline).toBeLessThan(eager!)
  expect(eager).toBeLessThan(queue!)
  expect(planOf(load({ stepsPerRun: 1 })).dollarsPerDay).toBeGreaterThan(planOf(load()).dollarsPerDay)
})

test('the page shows what the command prints', () => {
  const page = readFileSync('docs/design/capacity.md', 'utf8')
  for (const [name, stepsPerDay] of [
    ['1 M', '1e6'],
    ['100 M', '1e8'],
    ['10 B', '1e10'],
  ]) {
    const said = execFileSync(process.execPath, ['scripts/capacity.ts', '--steps-per-day', stepsPerDay!], {
      encoding: 'utf8',
    })
    const { plans } = JSON.parse(said.trim().split('\n').at(-1)!) as {
      plans: { dollarsPerMillionSteps: number }[]
    }
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} `))
    for (const { dollarsPerMillionSteps } of plans) expect(row).toContain(dollarsPerMillionSteps.toFixed(2))
  }
})
