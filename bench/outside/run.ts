/**
 * `npm run bench:outside`: perdure on bare workerd, asked over HTTP, beside Restate and DBOS, round by round in turns. How
 * it measures, and in whose favour: README.md. Prints a table, then its document as one line of JSON; progress goes to
 * stderr. Exit code 1 when a workload failed on perdure.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { thisMachine } from '../machine.ts'
import { type Cell, cells } from './cells.ts'
import { type Candidate, lineup } from './lineup.ts'
import { type Outside, hasFailed } from './document.ts'
import { measureOutside } from './outside.ts'
import { table } from './report.ts'
import { FULL, QUICK, TINY } from './sizes.ts'

const machine = thisMachine()
const options = readOptions()
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
try {
  say(`${machine.cores} x ${machine.cpu}, node ${machine.node}, load average ${machine.loadAverage}`)
  report(await measureOutside({ ...options, until: interruption.signal, say }))
} catch (error) {
  if (!interruption.signal.aborted) throw error
  process.exitCode = 130
}

function report(outside: Outside): void {
  const line = JSON.stringify({ date: new Date().toISOString(), machine, ...outside })
  if (options.json !== undefined) writeFileSync(options.json, `${line}\n`)
  process.stdout.write(`${table(outside.rows)}\n${line}\n`)
  if (hasFailed(outside)) process.exitCode = 1
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      only: { type: 'string' },
      system: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const sizes = values.tiny ? TINY : values.quick ? QUICK : FULL
  return {
    sizes,
    cells: chosen(cells(sizes), values.only?.split(',')),
    candidates: candidatesOf(values.system?.split(',')),
    ...(values.json !== undefined && { json: values.json }),
  }
}

/** Those whose names begin with one of these. */
function chosen(all: Cell[], only: string[] | undefined): Cell[] {
  const found = all.filter(({ workload }) => only?.some((name) => workload.startsWith(name)) ?? true)
  if (found.length > 0) return found
  throw new Error(`no workload is called so; there are ${all.map(({ workload }) => workload).join('; ')}`)
}

function candidatesOf(asked: string[] | undefined): Candidate[] {
  const all = lineup(machine.workerd)
  const unknown = asked?.find((name) => !all.some((known) => known.name === name))
  if (unknown === undefined) return all.filter(({ name }) => asked?.includes(name) ?? true)
  throw new Error(`no system is called ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
