import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const examples = ['orders', ...readdirSync('examples').filter((name) => /^\d\d-/.test(name))]
const index = readFileSync('examples/README.md', 'utf8')

test('the index has every example, by its number', () => {
  const rows = [...index.matchAll(/^\| +(\d\d) \| \[[^\]]+\]\(([\w.-]+)/gm)]
  expect(rows.map(([, number]) => Number(number))).toEqual(rows.map((_, at) => at + 1))
  expect(rows.map(([, , name = '']) => name).toSorted()).toEqual(examples.toSorted())
})

test('every example is run by a test', () => {
  const tests = readdirSync('test/examples').filter((name) => name.endsWith('.test.ts'))
  const run = tests.map((name) => readFileSync(`test/examples/${name}`, 'utf8')).join('')
  expect(examples.filter((name) => !run.includes(`../../examples/${name}`))).toEqual([])
})
