/** The whole sitting. */
import { type Cell, PEAK, cells } from './cells.ts'
import { type Candidate, lineup } from './lineup.ts'
import type { Outside } from './document.ts'
import { peakRow, rowsOf } from './report.ts'
import { type Measured, type Sitting, measureCell } from './sitting.ts'
import { FULL, QUICK } from './sizes.ts'

type Context = Pick<Sitting, 'until' | 'say'>

/** Every cell, on whoever is here. Rejects when it is interrupted. */
export function measureAll(asked: Context & { quick: boolean; workerd: string }): Promise<Outside> {
  const { quick, workerd, ...context } = asked
  const sizes = quick ? QUICK : FULL
  return measureOutside({ ...context, sizes, cells: cells(sizes), candidates: lineup(workerd) })
}

interface Asked extends Omit<Sitting, 'systems'> {
  cells: readonly Cell[]
  candidates: readonly Candidate[]
}

/** Rejects when it is interrupted. */
export async function measureOutside({ cells: chosen, candidates, ...sitting }: Asked): Promise<Outside> {
  const there = candidates.filter(({ version }) => version !== null)
  for (const { name, version, needs } of candidates)
    if (version === null) sitting.say(`${name} is left out; it needs: ${needs}`)
  const measured: Measured[] = []
  for (const cell of chosen)
    measured.push(
      ...(await measureCell(cell, { ...sitting, systems: () => there.map(({ make }) => make()) })),
    )
  const versions = Object.fromEntries(there.map(({ name, version }) => [name, version]))
  return { versions, rows: [...rowsOf(measured), peakRow(measured, PEAK)] }
}
