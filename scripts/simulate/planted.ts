/** Bugs planted in a copy of the project, each of which a simulation must find. */
import { spawnSync } from 'node:child_process'
import type { Breach } from '../conformance/mutants.ts'
import { Nursery } from '../conformance/plant.ts'
import type { SeedReport } from './report.ts'

/** Within so many each is found. */
const SEEDS = 200
const MOST_OUTPUT_BYTES = 64 * 1_024 * 1_024

/**
 * Of six kinds: what was appended is appended again, callers hear of what is not committed, alarms come late, the archive
 * moves things twice, what only memory had is lost, too little or too much is deleted.
 */
export const bugs: readonly Breach[] = [
  {
    breach: 'a signal that comes again is appended again',
    file: 'shared/core/decide.ts',
    text: '      if (state.signalIds.has(input.signalId)) return []\n',
    planted: '',
  },
  {
    breach: 'a turn that failed stays in memory, and the next one follows it',
    file: 'scheduler-do/shard.ts',
    text: '    for (const runId of turn.runIds()) this.memory.runs.delete(runId)\n',
    planted: '',
  },
  {
    breach: 'a turn that was written by half is redone on top of it',
    file: 'scheduler-do/commit.ts',
    text: '      giveUp(error)\n      return new Promise<never>(() => {})\n',
    planted: '      return new Failed(error)\n',
  },
  {
    breach: 'callers are answered whether or not the commit succeeds',
    file: 'scheduler-do/shard.ts',
    text: '      await turn.execute()\n',
    planted: '      await turn.execute()\n      for (const job of jobs) job.release()\n',
  },
  {
    breach: 'callers are answered some time before the commit',
    file: 'scheduler-do/shard.ts',
    text: '      await turn.execute()\n',
    planted:
      '      await turn.execute()\n      for (const job of jobs) job.release()\n      await this.workshop.drain()\n',
  },
  {
    breach: 'the alarm is armed a minute late',
    file: 'scheduler-do/alarm.ts',
    text: 'void this.#storage.setAlarm(at)',
    planted: 'void this.#storage.setAlarm(at + 60_000)',
  },
  {
    breach: 'what a pass has written that was lost stays for ever',
    file: 'archiver/warm.ts',
    text: '    await deleteLeftovers(writer.bucket, warmBatchPrefix(batch), writer.fence)\n',
    planted: '    await null\n',
  },
  {
    breach: 'a commit to the tables does not say which batches it brought',
    file: 'archiver/phases/cooling.ts',
    text: 'properties: Object.fromEntries(moved),',
    planted: 'properties: moved.length === 0 ? Object.fromEntries(moved) : {},',
  },
  {
    breach: 'the alarm is armed five seconds late',
    file: 'scheduler-do/alarm.ts',
    text: 'void this.#storage.setAlarm(at)',
    planted: 'void this.#storage.setAlarm(at + 5_000)',
  },
  {
    breach: 'a wake does not take young activities from the histories',
    file: 'scheduler-do/recover.ts',
    text: "  for (const { runId, cause } of runsToWake(sql)) if (cause === 'activity') recallUnwritten(shard, runId)\n",
    planted: '',
  },
  {
    breach: 'the row of a run forgets that it has young activities while it has some',
    file: 'scheduler-do/tick.ts',
    text: ' || closed || young.has(runId)) continue',
    planted: ' || closed) continue',
  },
  {
    breach: 'the row of a run does not say that it has young activities',
    file: 'scheduler-do/project.ts',
    text: "changes.unwritten.has(live.state.runId) ? 'activity' : unheard ? 'step' : null",
    planted: "unheard ? 'step' : null",
  },
  {
    breach: 'a deleted run stays in the tables',
    file: 'archiver/phases/purging.ts',
    text: 'await removeRuns(pass.cold, runs, pass.newId)',
    planted: 'new Set<string>()',
  },
  {
    breach: 'with the last run of an id those before it are forgotten',
    file: 'scheduler-do/deletion.ts',
    text: '      if (previous) setLatest(sql, { workflowId, ...previous })\n      else deleteId',
    planted: '      deleteId',
  },
]

export interface Hunt {
  readonly bug: string
  /** The first at which an invariant is broken that holds without the bug; null: none is. */
  readonly seed: number | null
  readonly invariant: string | null
  /** What the invariant says. */
  readonly failure: string | null
  readonly ms: number
}

export function plantedBugs(root: string): Hunt[] {
  const nursery = new Nursery(root)
  try {
    return bugs.map((bug) => nursery.with(bug, (copy) => hunted(bug, { root, copy })))
  } finally {
    nursery.clear()
  }
}

function hunted({ breach: bug }: Breach, { root, copy }: { root: string; copy: string }): Hunt {
  const began = performance.now()
  const passed = (): number => Math.round(performance.now() - began)
  for (let from = 1; from <= SEEDS;) {
    const last = simulated(copy, { from, seeds: SEEDS + 1 - from }).at(-1)
    if (!last) throw new Error(`no seed was simulated with the bug planted: ${bug}`)
    const broken = brokenIn(last)
    const whole = broken && simulated(root, { from: last.seed, seeds: 1 })[0]?.failure === null
    if (broken && whole) return { bug, seed: last.seed, ...broken, ms: passed() }
    from = last.seed + 1
  }
  return { bug, seed: null, invariant: null, failure: null, ms: passed() }
}

/** The seeds from one on, up to the first that fails. */
function simulated(project: string, { from, seeds }: { from: number; seeds: number }): SeedReport[] {
  const args = ['test/simulate/process.ts', '--from', `${from}`, '--seeds', `${seeds}`, '--first-failure']
  const ended = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT_BYTES,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (ended.status !== 0) throw new Error(`a simulating process ended with ${ended.status ?? ended.signal}`)
  const lines = ended.stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as SeedReport) // our own process writes them
}

/** Null where nothing fails, or something else than an invariant. */
export function brokenIn({ failure }: Pick<SeedReport, 'failure'>) {
  const [line = ''] = failure?.split('\n') ?? []
  const [, invariant] = /^InvariantBroken: (I\d+ [^:]+): /.exec(line) ?? []
  return invariant === undefined ? null : { invariant, failure: line }
}
