/** docs/reference/errors.md: each code has its heading, and below it what it means, its status, its causes and what to do. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { problemOf } from '../../scheduler-do/http/problem.ts'
import type { ErrorCode } from '../../shared/error-code.ts'

const source = readFileSync('shared/error-code.ts', 'utf8')
const codes = [...source.matchAll(/^ +\| '(\w+)'/gm)].map(([, code = '']) => code as ErrorCode)
const page = readFileSync('docs/reference/errors.md', 'utf8')
const sections = new Map(
  page
    .split(/^(?=##)/m)
    .flatMap((section) => [...section.matchAll(/^### `(\w+)`\n\n([^]*)/g)])
    .map(([, code = '', text = '']) => [code, text]),
)

test('every code has one heading, and no other has', () => {
  expect(codes.length).toBeGreaterThan(40)
  const headings = [...page.matchAll(/^### `(\w+)`$/gm)].map(([, code = '']) => code)
  expect(headings.toSorted()).toEqual(codes.toSorted())
})

describe.each(codes)('%s', (code) => {
  const text = sections.get(code) ?? ''

  test('says what it means, its causes and what to do', () => {
    expect(text).toMatch(/^[A-Z`][^]*?\.\n\n- \*\*HTTP\*\*: [^]*\*\*Again\*\*: \S/)
    expect(text).toMatch(/^- \*\*Causes\*\*: \S/m)
    expect(text).toMatch(/^- \*\*Do\*\*: \S/m)
  })

  test('has the status that the API answers', () => {
    const { status } = problemOf({ ok: false, code, message: '' })
    const [, said] = /\*\*HTTP\*\*: (none|\d+)/.exec(text) ?? []
    expect([String(status), ...(status === 409 ? ['none'] : [])]).toContain(said)
  })
})

test('only what a refused request may be asked again for is asked again by the client', () => {
  const byItself = codes.filter((code) =>
    /\*\*HTTP\*\*: \d+.*\*\*Again\*\*: by itself/.test(sections.get(code) ?? ''),
  )
  expect(byItself).toEqual(['workflow_not_begun', 'overloaded'])
})
