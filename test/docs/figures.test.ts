/** Figures that a page quotes from another one, which a command has made. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = (path: string): string => readFileSync(`docs/${path}`, 'utf8')

test('what tuning says of a replay is what the benchmark measured', () => {
  const [, ms] = /^\| 10,000 events replayed, ms +\| +(\d+(?:\.\d+)?) /m.exec(page('performance.md')) ?? []
  expect(page('operations/tune.md')).toContain(`10,000 events take ${ms} ms`)
})

test('what scaling says of an archiver is what the fleet was worked out to need', () => {
  const fleet = page('design/fleet.md')
  const scale = page('operations/scale.md')
  const [, steps] = /(\d+\.\d+ B) steps a day is where a second namespace is due/.exec(fleet) ?? []
  const [, shards] = /Above some (\d+) shards raise `passBudget`/.exec(fleet) ?? []
  expect(scale).toContain(`One archiver keeps up with ${steps} steps a day`)
  expect(scale).toContain(`is enough for ${shards} shards`)
})
