/** Bugs planted in a copy of the project, each of which a simulation must find. */
import { spawnSync } from 'node:child_process'
import type { Breach } from '../conformance/mutants.ts'
import { Nursery } from '../conformance/plant.ts'

/** Within so many each is found. */
const SEEDS = 200

const bugs: readonly Breach[] = [
  {
    breach: 'what comes again is appended again',
    file: 'shared/core/decide.ts',
    text: '      if (state.signalIds.has(input.signalId)) return []\n',
    planted: '',
  },
  {
    breach: 'callers are answered before the commit',
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
]

export interface Hunt {
  readonly bug: string
  readonly found: boolean
  readonly seeds: number
}

export function plantedBugs(root: string): Hunt[] {
  const nursery = new Nursery(root)
  try {
    return bugs.map((bug) => nursery.with(bug, (copy) => hunted(bug, copy)))
  } finally {
    nursery.clear()
  }
}

function hunted({ breach: bug }: Breach, copy: string): Hunt {
  const args = ['scripts/simulate.ts', '--seeds', String(SEEDS), '--first-failure']
  const { status } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
  return { bug, found: status === 1, seeds: SEEDS }
}
