/** The HTTP API of a scheduler on workerd, as its document and its guide have it. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import createClient from 'openapi-fetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { refundOrder } from '../../examples/docs/http.ts'
import { tester } from '../../scripts/contract/tester.ts'
import type { paths } from './generated/openapi.d.ts'
import { ROOT } from './wrangler.ts'

const server = createTestHarness({
  root: ROOT,
  workers: [{ configPath: 'test/e2e/workers/contract.wrangler.toml' }],
})
const TOKEN = 'the-token-of-this-test'
/** Beside this process, through which requests to the Workers go. */
const bash = promisify(execFile)
let origin: string

beforeAll(async () => {
  origin = (await server.listen()).url.origin
})

afterAll(() => server.close())

const named = (name: string) => ({ params: { path: { workflowId: 'r/1', name } } })

test('a client that is generated from the document starts a run, asks it, ends it and finds it', async () => {
  const client = createClient<paths>({ baseUrl: origin, headers: { authorization: `Bearer ${TOKEN}` } })
  const body = { workflowType: 'refund', workflowId: 'r/1', input: { amount: 1 }, requestId: 'once' }
  const started = await client.POST('/api/v1/workflows', { body })
  expect((await client.POST('/api/v1/workflows', { body })).data?.runId).toBe(started.data?.runId)
  const run = { params: { path: { workflowId: 'r/1' } } }
  const raise = '/api/v1/workflows/{workflowId}/updates/{name}'
  const raised = await client.POST(raise, { ...named('raise'), body: { args: [2], waitMs: 5_000 } })
  expect(raised.data).toMatchObject({ status: 'completed', result: 3 })
  const signal = '/api/v1/workflows/{workflowId}/signals/{name}'
  const approved = await client.POST(signal, { ...named('approved'), body: { payload: { by: 'ada' } } })
  expect(approved.response.status).toBe(204)
  const wait = { params: { ...run.params, query: { waitMs: 20_000 } } }
  const { data: result } = await client.GET('/api/v1/workflows/{workflowId}/result', wait)
  expect(result?.status === 'completed' && result.result).toEqual({ amount: 3, by: 'ada' })
  const query = { status: ['completed' as const], idPrefix: 'r/', limit: 10 }
  const { data: page } = await client.GET('/api/v1/workflows', { params: { query } })
  expect(page?.items.map(({ workflowId }) => workflowId)).toEqual(['r/1'])
  const { error } = await client.POST(signal, { ...named('approved'), body: {} })
  expect([error?.status, error?.code]).toEqual([409, 'workflow_closed'])
})

describe('docs/guide/http.md', () => {
  const guide = readFileSync(`${ROOT}/docs/guide/http.md`, 'utf8')
  const commands = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, command = '']) => command)

  test('has commands that do what it says', async () => {
    const env = { ...process.env, PERDURE_URL: origin, PERDURE_TOKEN: TOKEN }
    const said: string[] = []
    for (const command of commands) said.push((await bash('bash', ['-ec', command], { env })).stdout)
    expect(said).toEqual([
      expect.stringMatching(/^\{"workflowId":"refund-17","runId":"\w{26}"\}$/),
      expect.stringMatching(/^"20 waits"\{"status":"completed",.*"result":\{"amount":20,"by":"ada"\}\}$/),
      expect.stringMatching(
        /^(?=[^]*\{"place":0,"value":\{"status":"completed",)(?=[^]*\{"place":1,"value":"20 )/,
      ),
      expect.stringMatching(
        /event: workflow\.started[^]*event: workflow\.signal_received[^]*event: workflow\.completed/,
      ),
    ])
  })

  test('has a client that does the same', async () => {
    expect(await refundOrder({ PERDURE_URL: origin, PERDURE_TOKEN: TOKEN }, '18')).toEqual({
      amount: 25,
      by: 'ada',
    })
  })
})

describe('a property tester', () => {
  const python = tester(ROOT)

  test.runIf(typeof python !== 'string')(
    'finds no 5xx, and no answer that the document does not have',
    async () => {
      if (typeof python === 'string') return
      // No limit of time: how far it came would decide what is sent.
      const effort = { examples: '20', phases: 'examples,fuzzing', seed: '1' }
      const { output, operations, requests, failures } = await python.test(origin, effort)
      if (failures > 0) throw new Error(output)
      const { paths: all } = (await (await fetch(`${origin}/openapi.json`)).json()) as {
        paths: Record<string, object>
      } // as served
      expect(operations).toBe(
        Object.values(all).reduce((sum, methods) => sum + Object.keys(methods).length, 0),
      )
      expect(requests).toBeGreaterThan(5 * operations)
    },
  )
})
