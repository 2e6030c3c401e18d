/** Fields of requests over HTTP that this release does not know, as docs/guide/http.md has them. */
import { beforeAll, expect, test } from 'vitest'
import { BASE } from '../../scheduler-do/http/answer.ts'
import { workflow } from '../../shared/index.ts'
import { served } from '../security/served.ts'
import type { Served } from '../security/served.ts'

const order = workflow('order', async (_, input: unknown) => input ?? null)

let engine: Served
beforeAll(async () => {
  engine = await served({ env: { API_TOKEN: 'admin' }, workflows: [order] })
})

async function ask(asked: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const [method = '', path = ''] = asked.split(' ')
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const headers = { authorization: 'Bearer admin' }
  const answer = await engine.ask(`${BASE}${path}`, { method, headers, ...sent })
  return { status: answer.status, body: await answer.json() }
}

const spec = { every: '1h' }
test.each<[asked: string, path: string, body?: object]>([
  ['GET /workflows?workflowTipe=order', 'workflowTipe'],
  ['GET /workflow-count?workflowTipe=order', 'workflowTipe'],
  [
    'POST /workflows/bulk',
    'body.filter.workflowTipe',
    { filter: { workflowTipe: 'order' }, action: 'cancel' },
  ],
  [
    'POST /schedules',
    'spec.until',
    { scheduleId: 's', workflowType: 'order', spec: { ...spec, until: '2027-01-01' } },
  ],
  [
    'POST /schedules',
    'policy.overlaps',
    { scheduleId: 's', workflowType: 'order', spec, policy: { overlaps: 'skip' } },
  ],
])('of what says which runs there are or shall be are refused: %s, %s', async (asked, path, body) => {
  expect(await ask(asked, body)).toMatchObject({ status: 400, body: { code: 'invalid_argument', path } })
})

test('of any other are left out: a client of the next release is served', async () => {
  const body = { workflowType: 'order', workflowId: 'o', imput: 1, retry: { colour: 'red' } }
  expect(await ask('POST /workflows', body)).toMatchObject({ status: 200 })
  expect(await ask('GET /workflows/o/result?waitMs=5000&colour=red')).toMatchObject({
    body: { status: 'completed', result: null },
  })
})

test('a count takes the order and the place of a list, which clients give there too', async () => {
  const asked = 'GET /workflow-count?idPrefix=none&orderBy=startedAt&limit=5&cursor=x&after=%7B%7D'
  expect(await ask(asked)).toEqual({ status: 200, body: { count: 0 } })
})
