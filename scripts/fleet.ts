/**
 * `npm run fleet`: namespaces of thousands of shards, simulated with the engine's own code where it decides: hot ids,
 * lists over all shards, passes of the archiver, and what happens everywhere at once. One line of JSON last;
 * docs/design/fleet.md says what is assumed.
 *
 *   npm run fleet -- --shards 100,1000,10000 --seed 1
 */
import { parseArgs } from 'node:util'
import { fleetOf } from './fleet/report.ts'

const { values } = parseArgs({
  options: {
    shards: { type: 'string', default: '8,100,1000,10000' },
    seed: { type: 'string', default: '1' },
  },
})
const shards = values.shards.split(',').map(Number)
const wrong = shards.find((count) => !(Number.isInteger(count) && count >= 1 && count <= 65_536))
if (wrong !== undefined)
  throw new RangeError(`--shards are whole numbers from 1 to 65536, not ${values.shards}`)

const fleet = await fleetOf({ seed: Number(values.seed), shards, ids: 1e6, perSecond: 1_000, schedules: 2e4 })
for (const [name, rows] of Object.entries(fleet)) {
  console.log(`\n${name}`)
  console.table(rows.map((row: object) => Object.fromEntries(Object.entries(row).map(shown))))
}
console.log(JSON.stringify(fleet))

function shown([name, value]: [string, unknown]): [string, unknown] {
  if (typeof value === 'number') return [name, Number(value.toPrecision(3))]
  if (typeof value !== 'object' || value === null) return [name, value]
  return [
    name,
    Object.entries(value)
      .map((part) => shown(part).join(' '))
      .join(', '),
  ]
}
