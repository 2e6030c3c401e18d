import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Document, readDocument, resultsOf } from '../../bench/document.ts'
import { thisMachine } from '../../bench/machine.ts'
import { outside } from '../../bench/publish/outside.ts'
import { ratiosOf } from '../../bench/report.ts'
import { judge } from '../../bench/verdict.ts'
import { ours, theirs } from './results.ts'

const results = [ours('seq-10', 'inline', { syncs: 1 }), theirs('seq-10', {})]
const document: Document = {
  date: '2026-11-30T00:00:00.000Z',
  quick: true,
  shards: 1,
  machine: thisMachine(),
  results: [...results, { workload: 'archive', of: 'hot to warm', perSecond: 12_000 }],
  ratios: ratiosOf(results),
  targets: judge(results),
  outside: {
    versions: { perdure: 'workerd 1', restate: '1.7.12' },
    rows: [
      {
        workload: 'noop-1 at 50',
        figure: 'runs/s',
        better: 'more',
        systems: {
          perdure: { median: 2_000, range: [1_900, 2_100] },
          restate: { median: 800, range: [800, 800] },
        },
        ratio: 2.5,
        target: '>= 2x',
        met: true,
      },
    ],
  },
}

function written(content: unknown): string {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-document-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'run.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

describe('the document of a run', () => {
  test('is read as it was written', () => {
    expect(readDocument(written(document))).toEqual(document)
    expect(resultsOf(document)).toEqual(results)
  })

  test('of before a figure was measured has none', () => {
    const [{ syncsPerRun: _, ...older }] = results as [(typeof results)[0]]
    const read = readDocument(written({ ...document, results: [older] }))
    expect(resultsOf(read)[0]).toMatchObject({ workload: 'seq-10', syncsPerRun: null })
  })

  test('of a run without the other engines has none', () => {
    expect(readDocument(written({ ...document, outside: undefined })).outside).toBeNull()
    expect(outside({ ...document, outside: null })).toContain('npm run bench -- --peers')
  })

  test('of a run with other engines is a table of those that were there', () => {
    const [head, , row] = outside(document).split('\n')
    expect(head).toMatch(/perdure \(workerd 1\) \| Restate \(1\.7\.12\) \| ratio/)
    expect(row).toMatch(/noop-1 at 50 \| runs\/s \| +2000 \(1900-2100\) \| +800 \| +2\.5x \| ✓ >= 2x/)
  })

  test('says when and where the other engines were measured, where that was in a sitting of its own', () => {
    const sitting = { ...document.outside!, date: '2026-12-01T00:00:00.000Z', machine: thisMachine() }
    const read = readDocument(written({ ...document, outside: sitting }))
    const [where, , head] = outside(read).split('\n')
    expect(where).toMatch(/^`npm run bench:outside`, 1 Dec 2026: \d+ cores /)
    expect(head).toContain('perdure (workerd 1)')
  })

  test('is refused, and the place named, where it is something else', () => {
    expect(() => readDocument(written({ ...document, machine: undefined }))).toThrow(/machine/)
  })

  test('says where it was made', () => {
    expect(document.machine.workerd).toMatch(/^1\.\d{8}\.\d+$/)
    expect(document.machine.node).toBe(process.versions.node)
  })
})
