/** One process of `npm run simulate`: runs its seeds, and writes a line of JSON about each. */
import { silence } from './present.ts'
import { caseOf, run } from './run.ts'
import type { Case } from './run.ts'
import { parseArgs } from 'node:util'
import type { SeedReport } from '../../scripts/simulate/report.ts'
import { shortest } from './shrink.ts'

/** Of a process: whoever breaks everything wants to see it soon. */
const MOST_SHRUNK = 2

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    step: { type: 'string', default: '1' },
    without: { type: 'string' },
    actions: { type: 'string' },
    trace: { type: 'boolean', default: false },
    'first-failure': { type: 'boolean', default: false },
  },
})
const [from, seeds, step] = [Number(values.from), Number(values.seeds), Number(values.step)]
silence()

let shrunk = 0
for (let index = 0; index < seeds; index += 1) {
  const one = cut(caseOf(from + index * step))
  const { fired, ...report } = await run(one, { printing: values.trace })
  const failed = report.failure !== null
  const shrinks = failed && !values.trace && !values['first-failure'] && shrunk < MOST_SHRUNK
  if (shrinks) shrunk += 1
  const story: SeedReport = shrinks ? { ...report, shortest: await shortest(one, fired) } : report
  process.stdout.write(`${JSON.stringify(story)}\n`)
  if (failed && values['first-failure']) break
}
// What was under way in a world that broke waits for ever.
process.exit(0)

/** The case without what the arguments leave out. */
function cut(one: Case): Case {
  const { without, actions } = values
  const kept = actions?.split(',').map(Number)
  return {
    ...one,
    ...(kept && {
      scenario: { ...one.scenario, actions: one.scenario.actions.filter((_, at) => kept.includes(at)) },
    }),
    ...(without !== undefined && { faults: { ...one.faults, without: without.split(',') } }),
  }
}
