import { expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { newId } from '../../shared/ids.ts'
import { advance, idOn } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { bucket } from './buckets.ts'
import { closedRuns, pass } from './passes.ts'

const kept = workflow('kept', async (_ctx, input: string) => input)
register(kept)

const DAY_MS = 86_400_000

test('payloads of a start that never came go after a day; those of runs, and of runs nobody can know, stay', async () => {
  const start = Date.now()
  const before = newId(start - DAY_MS)
  await pass()
  await advance(1_000)
  const [known] = await closedRuns(kept, [idOn(0, 'has-payload')])
  const lost = newId(start + 2_000)
  await advance(3 * DAY_MS)
  const fresh = newId(start + 3 * DAY_MS)
  for (const runId of [before, known, lost, fresh]) {
    for (const name of ['a', 'b']) await bucket.put(`payload/default/0/${runId}/${name}`, name)
  }
  await pass({ now: () => Date.now() + 3 * DAY_MS })
  const left = await bucket.list({ prefix: 'payload/default/0/', delimiter: '/' })
  const folders = [before, known, fresh].map((runId) => `payload/default/0/${runId}/`)
  expect(left.delimitedPrefixes.toSorted()).toEqual(folders.toSorted())
})
