import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readDocument } from '../../bench/document.ts'
import { published, replaced, RESULTS } from '../../bench/publish/files.ts'

const read = (path: string) => readFileSync(path, 'utf8')

describe('what is published', async () => {
  const files = await published(readDocument(RESULTS), read)

  test.each([...files])('%s is what npm run bench:publish makes of the run', (path, text) => {
    expect(read(path)).toBe(text)
  })

  test('is read in the light and in the dark', () => {
    const charts = [...files.keys()].filter((path) => path.endsWith('.svg'))
    for (const page of ['README.md', 'docs/performance.md']) {
      const shown = charts.filter((path) => read(page).includes(path.replace(/^docs\/bench/, 'bench')))
      expect(shown).toEqual(charts)
    }
  })
})

describe('a block between its markers', () => {
  const page =
    'Before\n\n<!-- bench summary: made by npm run bench:publish -->\nold\n<!-- bench summary ends -->\n\nAfter\n'

  test('is replaced, and nothing else', () => {
    const text = replaced(page, 'summary', 'new')
    expect(text).toBe(page.replace('-->\nold\n', '-->\n\nnew\n\n'))
    expect(replaced(text, 'summary', 'new')).toBe(text)
  })

  test('is missed where its markers are not there', () => {
    expect(() => replaced(page, 'targets', 'new')).toThrow(/no place for the block targets/)
  })
})
