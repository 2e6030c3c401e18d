/**
 * `npm run bench`: each workload on perdure and on Cloudflare Workflows, in one run, round by round in turns. How it
 * measures and what its figures do not say: README.md.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { archiveTable, type ArchiveResult } from './archive/report.ts'
import { archiveWorkload } from './archive/workload.ts'
import type { Lane, Round, SystemName } from './figures.ts'
import { type Group, startGroup } from './group.ts'
import { type Cell, cells, plan } from './plan.ts'
import { type Identity, type Result, type Timed, ratiosOf, result, table } from './report.ts'

const CONFIGS: Record<SystemName, string[]> = {
  perdure: ['driver-ours', 'scheduler', 'activities'],
  'cloudflare-workflows': ['driver-theirs', 'theirs'],
}
const WARM_UP_MS = 300
/** How long each lane of fresh processes works before anything counts: V8 compiles what turns out to be hot. */
const FRESH_MS: Record<SystemName, number> = { perdure: 2_500, 'cloudflare-workflows': 1_500 }
const LANES: Record<SystemName, readonly (Lane | null)[]> = {
  perdure: ['inline', 'queue'],
  'cloudflare-workflows': [null],
}

/** What takes its turn in a round. */
interface Turn extends Identity {
  lane: Lane | null
  beside: boolean
  rounds: Timed[]
}

const options = readOptions()
const groups = new Map<SystemName, Group>()
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
try {
  process.exitCode = await bench()
} finally {
  await stopAll()
}

async function bench(): Promise<number> {
  const [load = 0] = loadavg()
  say(
    `${cpus().length} x ${cpus()[0]?.model ?? 'cpu'}, node ${process.version}, load average ${load.toFixed(2)}`,
  )
  const results: Result[] = []
  let failures = 0
  for (const [index, cell] of options.cells.entries()) {
    if (index === 0 || !options.quick) await startAll()
    const turns = turnsOf(cell)
    failures += await measureCell(cell, turns)
    if (interruption.signal.aborted) return 130
    if (!options.quick) await stopAll()
    results.push(
      ...turns.filter((turn) => turn.rounds.length > 0).map((turn) => result(identityOf(turn), turn.rounds)),
    )
  }
  const archived = options.archive ? await measureArchive() : []
  if (interruption.signal.aborted) return 130
  if (archived === null) failures += 1
  report(results, archived ?? [])
  return failures === 0 && results.length + (archived ?? []).length > 0 ? 0 : 1
}

function report(results: readonly Result[], archived: readonly ArchiveResult[]): void {
  const ratios = ratiosOf(results)
  const line = JSON.stringify({ results: [...results, ...archived], ratios })
  if (options.json !== undefined) writeFileSync(options.json, `${line}\n`)
  if (results.length > 0) console.log(table(results, ratios))
  if (archived.length > 0) console.log(archiveTable(archived))
  console.log(line)
}

/** Null when it failed: it then says no figure. */
async function measureArchive(): Promise<ArchiveResult[] | null> {
  try {
    return await archiveWorkload({ quick: options.quick, until: interruption.signal, say })
  } catch (error) {
    if (!interruption.signal.aborted) say(`FAILED archive: ${String(error)}`)
    return null
  }
}

/** A warm-up for each turn, then the rounds: ours, theirs, ours... Answers how many turns failed; those say no figure. */
async function measureCell(cell: Cell, turns: Turn[]): Promise<number> {
  let failed = 0
  const left = new Set(turns)
  for (let round = cell.warmUp ? 0 : 1; round <= cell.rounds; round += 1) {
    for (const turn of left) {
      try {
        const timed = await groupOf(turn.system).run(roundOf(cell, turn, round === 0), interruption.signal)
        if (round > 0) turn.rounds.push(timed)
      } catch (error) {
        if (interruption.signal.aborted) return failed
        say(
          `FAILED ${turn.workload} ${turn.system} ${turn.lane ?? ''} at ${turn.concurrency}: ${String(error)}`,
        )
        left.delete(turn)
        turn.rounds.length = 0
        failed += 1
      }
    }
  }
  const done = turns.map((turn) => `${turn.lane ?? turn.system} ${turn.rounds.length}`)
  say(`${cell.workload} at ${cell.concurrency}: rounds ${done.join(', ')}`)
  return failed
}

function turnsOf(cell: Cell): Turn[] {
  const turn = (system: SystemName, lane: Lane | null): Turn => ({
    workload: cell.workload,
    system,
    lane,
    concurrency: cell.concurrency,
    beside: false,
    rounds: [],
  })
  const [first, ...others] = cell.lanes.map((lane) => turn('perdure', lane))
  if (first === undefined) return []
  const turns =
    cell.workload === 'busy'
      ? [
          { ...first, workload: 'busy-quiet' as const, rounds: [] },
          { ...first, beside: true },
        ]
      : [first, ...(cell.theirs ? [turn('cloudflare-workflows', null)] : []), ...others]
  return turns.filter((one) => groups.has(one.system))
}

function roundOf(cell: Cell, turn: Turn, isWarmUp: boolean): Round {
  const { workload, concurrency } = cell
  const length = isWarmUp
    ? { forMs: Math.min(cell.forMs, WARM_UP_MS), atLeast: Math.min(cell.atLeast, concurrency) }
    : { forMs: cell.forMs, atLeast: cell.atLeast }
  return { workload, concurrency, lane: turn.lane, beside: turn.beside, ...length }
}

function identityOf({ workload, system, lane, concurrency }: Turn): Identity {
  return { workload, system, lane, concurrency }
}

async function startAll(): Promise<void> {
  const vars = { SHARDS: '1', DEBUG_HOOKS: 'true', CDC: options.cdc ? 'on' : 'off' }
  const started = options.systems.map(async (system) => {
    const configs = CONFIGS[system].map((name) => `${name}.wrangler.toml`)
    groups.set(system, await startGroup({ configs, vars }))
  })
  for (const one of await Promise.allSettled(started)) if (one.status === 'rejected') throw one.reason
  await warmUpAll()
}

async function warmUpAll(): Promise<void> {
  const round = { workload: 'seq-10', concurrency: 50, atLeast: 50, beside: false } as const
  for (const [system, group] of groups) {
    for (const lane of LANES[system])
      await group.run({ ...round, lane, forMs: FRESH_MS[system] }, interruption.signal)
  }
}

async function stopAll(): Promise<void> {
  const running = [...groups.values()]
  groups.clear()
  await Promise.all(running.map((group) => group.stop()))
}

function groupOf(system: SystemName): Group {
  const group = groups.get(system)
  if (group === undefined) throw new Error(`${system} was not started`)
  return group
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      concurrency: { type: 'string' },
      system: { type: 'string' },
      json: { type: 'string' },
      cdc: { type: 'boolean', default: false },
    },
  })
  const named = [...positionals, ...(values.only?.split(',') ?? [])]
  const only = named.length === 0 ? undefined : named
  const known = new Set<string>([...cells(false).map((cell) => cell.workload), 'archive'])
  const unknown = only?.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new Error(`no workload is called ${unknown}; there are ${[...known].join(', ')}`)
  return {
    cells: plan({
      quick: values.quick,
      ...(only && { only }),
      ...(values.concurrency !== undefined && { concurrency: values.concurrency.split(',').map(Number) }),
    }),
    // It takes minutes.
    archive: only === undefined ? !values.quick : only.includes('archive'),
    systems: systemsOf(values.system),
    quick: values.quick,
    cdc: values.cdc,
    ...(values.json !== undefined && { json: values.json }),
  }
}

function systemsOf(name: string | undefined): SystemName[] {
  if (name === undefined) return ['perdure', 'cloudflare-workflows']
  if (name === 'perdure' || name === 'cloudflare-workflows') return [name]
  throw new Error(`no system is called ${name}; there are perdure and cloudflare-workflows`)
}
