/** Some seeds of `npm run simulate`, as many as every change has the time for. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { SeedReport } from '../../scripts/simulate/report.ts'

function told(script: string, ...args: string[]): string[] {
  const { stdout } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
  return stdout.trimEnd().split('\n')
}

function reportsOf(...args: string[]): Omit<SeedReport, 'ms'>[] {
  return told('test/simulate/process.ts', ...args).map((line) => {
    const { ms: _, ...report } = JSON.parse(line) as SeedReport // our own process writes it
    return report
  })
}

test('a seed is the same world in two processes', () => {
  const [first] = reportsOf('--from', '9')
  expect(first?.steps).toBeGreaterThan(100)
  expect(reportsOf('--from', '9')).toEqual([first])
})

test('so is one with an archiver, whatever another has left in parquet-wasm', () => {
  const [alone] = reportsOf('--from', '18')
  expect(alone?.steps).toBeGreaterThan(1_000)
  expect(reportsOf('--from', '3', '--seeds', '2', '--step', '15').at(-1)).toEqual(alone)
})

test('fifty worlds come to rest, and everything that must hold holds', () => {
  const lines = told('scripts/simulate.ts', '--seeds', '50')
  expect(lines.filter((line) => line.startsWith('seed '))).toEqual([])
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ seeds: 50, passed: 50 })
})
