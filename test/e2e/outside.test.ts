/** `npm run bench:outside`, tiny and on perdure alone: what it measures is not asked here, only that everything works. */
import { expect, test } from 'vitest'
import { node } from './wrangler.ts'

interface Row {
  workload: string
  figure: string
  systems: { perdure: { median: number } }
}

test('`npm run bench:outside`: bare workerd is asked over HTTP, killed and started again, and every run ends', async () => {
  const { status, output } = await node(['bench/outside/run.ts', '--tiny', '--system', 'perdure'])
  if (status !== 0) throw new Error(output)
  const { rows }: { rows: Row[] } = JSON.parse(output.trim().split('\n').at(-1) ?? '')
  const figures = new Map(
    rows.map(({ workload, figure, systems }) => [`${workload}: ${figure}`, systems.perdure.median]),
  )
  expect([...figures.values()].every((figure) => Number.isFinite(figure))).toBe(true)
  expect(figures.get('noop-1 at 50: runs/s')).toBeGreaterThan(0)
  expect(figures.get('recovery of 20: runs that did not go on')).toBe(0)
  expect(figures.get('recovery of 20: steps run again')).toBeLessThanOrEqual(20)
})
