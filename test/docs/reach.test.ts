/** Every page is two clicks from the README, or less. That links lead somewhere, `npm run docs:links` sees to. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect, test } from 'vitest'

const START = 'README.md'
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => !path.startsWith('.'))

test('every page is reachable from the README in two clicks', () => {
  const first = new Set(linksOf(START))
  const second = new Set([...first].filter((path) => pages.includes(path)).flatMap(linksOf))
  const far = pages.filter((path) => path !== START && !first.has(path) && !second.has(path))
  expect(far).toEqual([])
})

/** The files that a page links to; what is in code is no link. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^ *```[^]*?^ *```$|`[^`\n]*`/gm, '')
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) =>
    join(dirname(page), target),
  )
}
