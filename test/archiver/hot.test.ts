import { createExecutionContext } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { defineArchiver, type ArchiverEnv } from '../../archiver/index.ts'
import { WorkflowClient } from '../../shared/client.ts'
import { workflow } from '../../shared/define.ts'
import type { HotPage, HotRow } from '../../shared/hot.ts'
import { until, world } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { bucket } from './buckets.ts'
import { pass, source } from './passes.ts'

const echo = workflow('hotEcho', async (_ctx, input: unknown) => ({ got: input }))
const waits = workflow('staysHot', async (ctx, input: string) => {
  await ctx.sleep('1h')
  return input
})
const expires = workflow('goesCold', async (_ctx, input: string) => input)
register(echo, waits, expires)

const env: ArchiverEnv = {
  ARCHIVE: bucket,
  WORKFLOWS: source,
  NAMESPACES: 'hot-a,hot-b',
  API_TOKEN: 'secret',
}
const { handler } = defineArchiver()
const authorization = 'Bearer secret'

function ask(query = '', over: { env?: ArchiverEnv; method?: string; authorization?: string } = {}) {
  const headers = { authorization: over.authorization ?? authorization }
  const request = new Request(`https://archiver/iceberg/hot${query}`, {
    headers,
    method: over.method ?? 'GET',
  })
  return handler.fetch(request, over.env ?? env, createExecutionContext())
}

async function rows(limit: number): Promise<HotRow[][]> {
  const pages: HotRow[][] = []
  let cursor: string | undefined = ''
  while (cursor !== undefined) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: HotPage = await (await ask(`?limit=${limit}${from}`)).json<HotPage>()
    pages.push([...page.rows])
    cursor = page.cursor
  }
  return pages
}

const a = new WorkflowClient(world.WORKFLOWS, { namespace: 'hot-a' })
const b = new WorkflowClient(world.WORKFLOWS, { namespace: 'hot-b' })

beforeAll(async () => {
  for (const id of ['echo-1', 'echo-2', 'echo-3']) {
    const handle = await a.start(echo, {
      workflowId: id,
      input: { id, at: new Date(0) },
      memo: { note: 'ö' },
    })
    await handle.result()
  }
  await a.start(waits, { workflowId: 'waits', input: 'w' })
  await b.start(waits, { workflowId: 'elsewhere', input: 'e' })
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('runs that the tables lack', () => {
  test('come once each, over pages and namespaces', async () => {
    const pages = await rows(2)
    expect(pages.map((page) => page.map((row) => `${row.namespace}/${row.workflow_id}`))).toEqual([
      ['hot-a/echo-1', 'hot-a/echo-2'],
      ['hot-a/echo-3', 'hot-a/waits'],
      ['hot-b/elsewhere'],
    ])
  })

  test('have the columns of the table, payloads as they are stored', async () => {
    const [first, , , open] = (await rows(1_000)).flat()
    const handle = await a.describe('echo-1')
    expect(first).toEqual({
      namespace: 'hot-a',
      workflow_id: 'echo-1',
      run_id: handle.runId,
      workflow_type: 'hotEcho',
      task_queue: handle.taskQueue,
      status: 'completed',
      started_at: handle.startedAt.getTime(),
      closed_at: handle.completedAt!.getTime(),
      history_length: handle.historyEvents,
      history_bytes: handle.historyBytes,
      input: '{"id":"echo-1","at":{"$type":"Date","value":"1970-01-01T00:00:00.000Z"}}',
      result: '{"got":{"id":"echo-1","at":{"$type":"Date","value":"1970-01-01T00:00:00.000Z"}}}',
      failure: null,
      memo: '{"note":"ö"}',
      search_attributes: null,
      tier: 'hot',
    })
    expect(open).toMatchObject({ workflow_id: 'waits', status: 'running', closed_at: null, result: null })
  })

  test('are gone from the list once the tables have them', async () => {
    const cold = new WorkflowClient(world.WORKFLOWS, { namespace: 'hot-c' })
    const handle = await cold.start(expires, { workflowId: 'leaves', input: 'x' })
    await handle.result()
    const own = { ...env, NAMESPACES: 'hot-c' }
    expect(await (await ask('', { env: own })).json()).toMatchObject({ rows: [{ workflow_id: 'leaves' }] })
    await until(async () => {
      await pass({ namespaces: ['hot-c'] })
      return (await handle.describe()).tier === 'cold'
    })
    expect(await (await ask('', { env: own })).json()).toEqual({ rows: [] })
  })
})

describe('the list of runs', () => {
  test('is for whoever has the token', async () => {
    for (const wrong of ['', 'Bearer wrong', 'secret']) {
      expect((await ask('', { authorization: wrong })).status).toBe(401)
    }
    const { API_TOKEN: _, ...open } = env
    expect((await ask('', { env: open })).status).toBe(404)
    expect((await ask('', { env: { ...open, API_TOKEN: '' }, authorization: 'Bearer ' })).status).toBe(404)
  })

  test('is only read', async () => {
    expect((await ask('', { method: 'POST' })).status).toBe(405)
  })

  test.each(['?limit=0', '?limit=1001', '?limit=x', '?cursor=hot-a/zzz', '?cursor=other/', '?cursor='])(
    'refuses %s',
    async (query) => {
      const answer = await ask(query)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'invalid_argument' })
    },
  )

  test('tells of a defect only that there is one', async () => {
    const lines = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { WORKFLOWS: _, ...broken } = env
    const answer = await ask('', { env: broken })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('WORKFLOWS')
    expect(lines).toHaveBeenCalledWith(expect.stringContaining('request_failed'))
  })
})
