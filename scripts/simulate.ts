/**
 * `npm run simulate -- --seeds N`: N worlds in which things go wrong, each decided by its seed; one line of JSON last.
 * docs/design/simulation.md says what is simulated.
 *
 *   npm run simulate -- --seeds 2000 --from 1      the seeds from 1 on (200 of them when not said), over two processes
 *   npm run simulate -- --seed 17                  one seed again; with --trace everything that happens in it
 *   npm run simulate -- --planted                  plants bugs in a copy: each must be found within 200 seeds
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { plantedBugs } from './simulate/planted.ts'
import { Tally } from './simulate/report.ts'
import type { SeedReport } from './simulate/report.ts'

const ROOT = resolve(import.meta.dirname, '..')
const PROCESSES = 2

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    without: { type: 'string' },
    actions: { type: 'string' },
    trace: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
  },
})
if (options.planted) plantAll()
else await simulate()

async function simulate(): Promise<void> {
  const tally = new Tally()
  await Promise.all(shares().map((args) => simulated(args, tally)))
  for (const [kind, count] of sorted(tally.faults)) console.log(`fault · ${kind}: ${count}`)
  for (const [place, count] of sorted(tally.crashPoints)) console.log(`crash point · ${place}: ${count}`)
  const { totals } = tally
  console.log(JSON.stringify(totals))
  if (totals.failed > 0) process.exitCode = 1
}

/** The arguments of each process. */
function shares(): string[][] {
  const { seed, without, actions, trace } = options
  if (seed !== undefined) {
    const cut: string[] = []
    if (without !== undefined) cut.push('--without', without)
    if (actions !== undefined) cut.push('--actions', actions)
    return [['--from', seed, '--seeds', '1', ...cut, ...(trace ? ['--trace'] : [])]]
  }
  const [from, seeds] = [Number(options.from), Number(options.seeds)]
  return Array.from({ length: PROCESSES }, (_, index) => {
    const share = Math.ceil((seeds - index) / PROCESSES)
    return ['--from', String(from + index), '--seeds', String(share), '--step', String(PROCESSES)]
  })
}

async function simulated(args: readonly string[], tally: Tally): Promise<void> {
  const child = spawn(process.execPath, [resolve(ROOT, 'test/simulate/process.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) {
      console.log(line)
      continue
    }
    const report = JSON.parse(line) as SeedReport // our own process writes them
    tally.add(report)
    if (report.failure !== null) print(report)
  }
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((ended) => child.once('close', ended))
  if (child.exitCode !== 0)
    throw new Error(`a simulating process ended with ${child.exitCode ?? child.signalCode}`)
}

function print({ seed, failure, shortest }: SeedReport): void {
  console.log(`seed ${seed} failed: ${failure}`)
  if (!shortest) return
  console.log(`the shortest story that fails: ${shortest.failure}`)
  for (const action of shortest.actions) console.log(`  ${action}`)
  console.log(`again: ${shortest.command}`)
}

function plantAll(): void {
  const bugs = plantedBugs(ROOT)
  for (const { bug, seed, invariant, failure, ms } of bugs) {
    const where = seed === null ? 'MISSED' : `found at seed ${seed} by ${invariant}`
    console.log(`${where}, in ${(ms / 1_000).toFixed(1)} s: ${bug}`)
    if (failure !== null) console.log(`  ${failure}`)
  }
  const found = bugs.filter(({ seed }) => seed !== null).length
  const hunts = bugs.map(({ bug, seed, invariant, ms }) => ({ bug, seed, invariant, ms }))
  console.log(JSON.stringify({ planted: bugs.length, found, bugs: hunts }))
  if (found < bugs.length) process.exitCode = 1
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([, one], [, other]) => other - one)
}
