/**
 * One sitting: each cell gets fresh processes of every system, and these take turns, round by round. Who is not asked is
 * stopped meanwhile, so that nobody's polls and compactions weigh on another's figures.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Cell } from './cells.ts'
import { type Figures, closedLoop } from './load.ts'
import type { Sizes } from './sizes.ts'
import type { System, SystemName } from './system.ts'

/** What the rounds of one cell gave on one system; null when one of them failed. */
export interface Measured {
  cell: Cell
  system: SystemName
  rounds: Figures[] | null
  peakMiB: number
}

export interface Sitting {
  /** Makes the systems anew. */
  systems(): System[]
  sizes: Sizes
  until: AbortSignal
  say(this: void, text: string): void
}

const SAMPLE_MS = 500

/** Nothing is left of any system afterwards, whatever happens. */
export async function measureCell(cell: Cell, sitting: Sitting): Promise<Measured[]> {
  const systems = sitting.systems()
  const interrupted = new Promise<never>((_, reject) => {
    sitting.until.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
    if (sitting.until.aborted) reject(new Error('interrupted'))
  })
  try {
    return await Promise.race([turns(cell, systems, sitting), interrupted])
  } finally {
    await Promise.all(systems.map((system) => system.stop()))
  }
}

async function turns(cell: Cell, systems: readonly System[], sitting: Sitting): Promise<Measured[]> {
  const measured = systems.map((system): Measured => ({ cell, system: system.name, rounds: [], peakMiB: 0 }))
  const first = -cell.warmUps
  for (let round = first; round <= cell.rounds; round += 1)
    for (const [n, system] of systems.entries()) {
      sitting.until.throwIfAborted()
      const one = measured[n]
      if (!one?.rounds) continue
      try {
        if (round === first) await begin(system, sitting.sizes)
        else {
          const figures = await turn(system, one, sitting.sizes)
          if (round > 0) one.rounds.push(figures)
        }
      } catch (error) {
        sitting.until.throwIfAborted()
        sitting.say(`FAILED ${cell.workload} ${system.name}: ${String(error)}\n${system.complaints()}`)
        one.rounds = null
      } finally {
        system.tree.signal('SIGSTOP')
      }
    }
  sitting.say(
    `${cell.workload}: ${measured.map(({ system, rounds }) => `${system} ${rounds?.length ?? 'failed'}`).join(', ')}`,
  )
  return measured
}

async function begin(system: System, { warmUpMs }: Sizes): Promise<void> {
  await system.start()
  const asked = { program: 'sequence', lane: 'inline', count: 10, url: '' } as const
  if (warmUpMs > 0) await closedLoop(system, { asked, concurrency: 50, atLeast: 0, forMs: warmUpMs })
}

async function turn(system: System, measured: Measured, { awakeMs }: Sizes): Promise<Figures> {
  system.tree.signal('SIGCONT')
  await pause(awakeMs)
  const sample = (): void => void (measured.peakMiB = Math.max(measured.peakMiB, system.tree.pssMiB()))
  const sampling = setInterval(sample, SAMPLE_MS)
  try {
    return await measured.cell.round(system)
  } finally {
    clearInterval(sampling)
    sample()
  }
}
