/** `export default new WorkflowWorker(...)`, bundled by wrangler as it would be deployed, fed by a real local queue. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { askAt } from '../../scripts/local/ask.ts'
import type { DriverApi } from './workers/api.ts'

const server = createTestHarness({
  root: join(import.meta.dirname, 'workers'),
  workers: ['driver', 'scheduler', 'activity-worker', 'effects'].map((name) => ({
    configPath: `${name}.wrangler.toml`,
  })),
})

beforeAll(async () => {
  await server.listen()
})

afterAll(() => server.close())

test('the queue handler of a default-exported WorkflowWorker survives the bundle and runs activities', async () => {
  const { url } = await server.listen()
  const ask = askAt<DriverApi>(url.origin)
  await ask('/start', { kind: 'chain', ids: ['chain'], input: 5 })
  expect(await ask('/results', { ids: ['chain'], waitMs: 30_000 })).toEqual([
    { workflowId: 'chain', result: 15 },
  ])
  expect(await ask('/effects', { prefix: 'chain' })).toMatchObject({ keys: 10, calls: 10 })

  const said = server.getLogs().map(({ message }) => message)
  const batches = said.filter((line) => line.includes('"event":"batch"')).map((line) => JSON.parse(line))
  expect(batches).toHaveLength(10)
  expect(batches).toEqual(
    batches.map(() => expect.objectContaining({ taskQueue: 'default', claimed: 1, completed: 1 })),
  )
})
