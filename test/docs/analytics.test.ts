/** docs/guide/analytics.md shows the files of examples/analytics, whole and all of them. */
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const guide = readFileSync('docs/guide/analytics.md', 'utf8')
const shown = [...guide.matchAll(/<!-- (\S+) -->\n\n```\w+\n([^]*?)^```$/gm)].map(
  ([, file = '', code = '']) => ({
    file,
    code,
  }),
)

test('the guide to analytics shows every query and every way to attach', () => {
  const files = globSync('examples/analytics/**/*.{sql,py,conf}').map((file) => file.replaceAll('\\', '/'))
  expect(shown.map(({ file }) => file).toSorted()).toEqual(files.toSorted())
})

test.each(shown)('$file is shown as it is', ({ file, code }) => {
  expect(code).toBe(readFileSync(file, 'utf8'))
})

test('the guide shows no other code than commands', () => {
  const languages = [...guide.matchAll(/^```(\w+)/gm)].map(([, language]) => language)
  expect(languages.filter((language) => language !== 'sh')).toHaveLength(shown.length)
})
