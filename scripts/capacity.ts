/**
 * `npm run capacity -- --steps-per-day 1e9`: shards, Queues, consumers and dollars that a load takes, by lane, and where
 * the next limit is; one line of JSON last. docs/design/capacity.md explains each assumption.
 *
 *   npm run capacity -- --steps-per-day 1e6 --lane queue --steps-per-run 10 --peak 3 --keep-days 90 --shards 8
 */
import { parseArgs } from 'node:util'
import { planOf } from './capacity/model.ts'
import type { Lane, Load, Plan } from './capacity/model.ts'

const LANES: readonly Lane[] = ['inline', 'eager', 'queue']

const { values } = parseArgs({
  options: {
    'steps-per-day': { type: 'string', default: '1e6' },
    'steps-per-run': { type: 'string', default: '1000' },
    lane: { type: 'string' },
    peak: { type: 'string', default: '2' },
    'keep-days': { type: 'string', default: '30' },
    shards: { type: 'string' },
    'tasks-per-message': { type: 'string', default: '1' },
  },
})
const asked = LANES.filter((lane) => values.lane === undefined || lane === values.lane)
if (asked.length === 0) throw new RangeError(`--lane is one of ${LANES.join(', ')}, not ${values.lane}`)
const loads = asked.map((lane): Load => ({
  lane,
  stepsPerDay: positive('steps-per-day'),
  stepsPerRun: positive('steps-per-run'),
  peak: positive('peak'),
  keepDays: positive('keep-days'),
  tasksPerMessage: positive('tasks-per-message'),
  ...(values.shards !== undefined && { shards: positive('shards') }),
}))
const plans = loads.map((load) => ({ ...load, ...planOf(load) }))
for (const plan of plans) print(plan)
console.log(JSON.stringify({ plans }))

function positive(name: Exclude<keyof typeof values, 'lane'>): number {
  const value = Number(values[name])
  if (value > 0 && value < Infinity) return value
  throw new RangeError(`--${name} is a number above zero, not ${values[name]}`)
}

function print(plan: Load & Plan): void {
  const { lane, namespaces, shards, queues, consumers } = plan
  const { stepsPerSecond, dollarsPerDay, dollarsPerMillionSteps, next } = plan
  console.log(
    `${lane}: ${Math.ceil(stepsPerSecond).toLocaleString('en')} steps a second at the peak: ${shards} shards in ${namespaces} namespaces, ${queues} Queues, ${consumers} consumers at a time`,
  )
  console.log(
    `  $${dollarsPerDay.toFixed(2)} a day, $${dollarsPerMillionSteps.toFixed(2)} per million steps: ${costsOf(plan)}`,
  )
  console.log(`  next limit: ${next.limit}, at ${next.stepsPerDay.toExponential(1)} steps a day`)
}

function costsOf({ costs }: Plan): string {
  return Object.entries(costs)
    .filter(([, cost]) => cost > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([what, cost]) => `${what} $${cost.toFixed(2)}`)
    .join(', ')
}
