import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('every error code has its cause and what to do, and nothing else is listed', () => {
  const source = readFileSync('shared/error-code.ts', 'utf8')
  const codes = [...source.matchAll(/^ +\| '(\w+)'/gm)].map(([, code = '']) => code)
  const page = readFileSync('docs/design/errors.md', 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` *\| *\S[^|]*\S *\| *\S[^|]*\S *\|$/gm)].map(
    ([, code = '']) => code,
  )
  const unraised = /^The list in .*$/m.exec(page)?.[0] ?? ''
  expect(codes.length).toBeGreaterThan(40)
  expect(codes.filter((code) => !rows.includes(code) && !unraised.includes(code))).toEqual([])
  expect(rows.filter((code) => !codes.includes(code))).toEqual([])
  expect(rows).toEqual([...new Set(rows)])
})
