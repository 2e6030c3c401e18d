/** The plan for a load: what must hold of it whatever its assumptions are. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { planOf } from '../scripts/capacity/model.ts'
import type { Lane, Load, Plan } from '../scripts/capacity/model.ts'

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

describe('docs/operations/costs.md', () => {
  const page = readFileSync('docs/operations/costs.md', 'utf8')

  test.each([1e5, 1e6, 1e7, 1e8])('has what %d steps a day cost in a month', (stepsPerDay) => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${stepsPerDay.toLocaleString('en')} `))
    const cells = row?.split('|').map((cell) => cell.trim())
    const months = LANES.map((lane) => Math.round(small(lane, stepsPerDay).dollarsPerDay * 30))
    expect(cells).toEqual(expect.arrayContaining(months.map((dollars) => dollars.toLocaleString('en'))))
  })

  test.each([
    ['rows written', ['rows']],
    ['Queue operations', ['queues']],
    ['requests, Workers', ['objectRequests', 'workers']],
    ['objects being busy', ['objectDuration']],
  ])('has which part are %s', (charged, names) => {
    const said = new RegExp(`^\\| ${charged} +\\| (.*?) +\\|`, 'm').exec(page)?.[1]
    expect(said).toBe(partOf(1e7, ...names))
  })

  test('has that storage is nearly nothing, and busy objects not of little load', () => {
    expect(partOf(1e7, 'buckets', 'objectStorage')).toBe('0 %')
    expect(page).toContain(`of 100,000 steps a day it is ${partOf(1e5, 'objectDuration')}`)
  })
})

function small(lane: Lane, stepsPerDay: number): Plan {
  return planOf(load({ lane, stepsPerDay, stepsPerRun: 10, shards: 8 }))
}

/** Of what the queue lane costs. */
function partOf(stepsPerDay: number, ...names: string[]): string {
  const { costs, dollarsPerDay } = small('queue', stepsPerDay)
  const sum = names.reduce((total, name) => total + (costs[name] ?? Number.NaN), 0)
  return `${Math.round((100 * sum) / dollarsPerDay)} %`
}
