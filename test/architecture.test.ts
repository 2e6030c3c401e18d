import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { brokenArrows, roomCycles } from './architecture/arrows.ts'
import { impureGlobals, ownClocks, ownDraws } from './architecture/globals.ts'
import { exportStars, tooLong } from './architecture/shape.ts'
import { allSources, type Finding } from './architecture/sources.ts'

const sources = allSources()

describe('the source', () => {
  test('imports along the arrows only', () => {
    expect(shown(sources.flatMap(brokenArrows))).toEqual([])
  })

  test('has no import cycle between rooms', () => {
    expect(shown(roomCycles(sources))).toEqual([])
  })

  test('has no file above 300 lines', () => {
    expect(shown(sources.flatMap(tooLong))).toEqual([])
  })

  test('takes time, randomness and IO as arguments below core/ and replay/', () => {
    const pure = sources.filter(({ path }) => /^shared\/(core|replay)\//.test(path))
    expect(shown(pure.flatMap(impureGlobals))).toEqual([])
  })

  test('is given its clock and timers in the scheduler and the activity Worker', () => {
    const timed = sources.filter(({ path }) => /^(scheduler-do|activity-worker)\//.test(path))
    expect(shown(timed.flatMap(ownClocks))).toEqual([])
  })

  test('is given its draws and ids there too', () => {
    const drawing = sources.filter(({ path }) => /^(scheduler-do|activity-worker)\//.test(path))
    expect(shown(drawing.flatMap(ownDraws))).toEqual([])
  })

  test('names every export', () => {
    expect(shown(sources.flatMap(exportStars))).toEqual([])
  })
})

const journal = 'migrations/meta/_journal.json'

test.runIf(existsSync(journal))('migrations are journaled in the order they were made', () => {
  const { entries }: { entries: { when: number }[] } = JSON.parse(readFileSync(journal, 'utf8'))
  const times = entries.map(({ when }) => when)
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
})

test('npm scripts run on the pinned Node', () => {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(22)
  expect(process.versions.node).toBe(devDependencies.node)
})

function shown(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, rule }) => `${path}:${line} ${rule}`)
}
