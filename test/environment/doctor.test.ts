/** `perdure doctor` against shards of a simulated platform, behind the scheduler Worker. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { served as schedulerWorker, servedOn } from '../security/served.ts'
import type { Served } from '../security/served.ts'
import { breaking, waiting, world } from './broken.ts'

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

type World = Awaited<ReturnType<typeof world>>

async function served({ platform }: World): Promise<string> {
  return await listening(await servedOn(platform, { env: { API_TOKEN: 'dev' } }))
}

async function listening(ask: Served['ask']): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const { url = '', method = '', headers } = request
      const { authorization = '', 'content-type': type = '' } = headers
      const answered = await ask(url, { method, body, headers: { authorization, 'content-type': type } })
      response.writeHead(answered.status).end(await answered.text())
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
}

function doctor(url: string, ...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['cli/index.ts', 'doctor', '--url', url, ...flags], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

test('a namespace that is well is said to be, with what was looked at', async () => {
  const made = await world()
  await waiting(made, 'timer')
  const { code, out } = await doctor(await served(made))
  expect([code, out]).toEqual([0, '1 shards, 1 runs, 2 events: 0 findings, 0 of them broken\n'])
})

test('what is broken ends it with 1, is mended where that is asked for, and is well after that', async () => {
  const made = await world()
  const { runId } = await waiting(made, 'timer')
  breaking(made, 'DELETE FROM workflow_timers')
  const url = await served(made)
  const what = 'workflow_timers: timer 1, due at 2026-03-03T00:00:00.000Z, has no row'
  const found = { shard: 0, code: 'cause_missing', workflowId: 'timer', runId, what }
  const first = await doctor(url, '--json')
  expect([first.code, JSON.parse(first.out)]).toMatchObject([1, { broken: 1, findings: [found] }])
  expect(first.err).toContain(`cause_missing      broken   timer  ${runId}  ${what}`)
  const second = await doctor(url, '--json', '--repair')
  expect([second.code, JSON.parse(second.out)]).toMatchObject([
    0,
    { broken: 0, findings: [{ ...found, repaired: true }] },
  ])
  expect((await doctor(url)).out).toContain('0 findings')
})

test('the scheduler answers a token of the scope admin, and no other', async () => {
  const env = { API_TOKEN: 'of-admin', API_TOKEN_WRITE: 'of-write', API_TOKEN_READ: 'of-read' }
  const { ask } = await schedulerWorker({ env })
  const url = await listening(ask)
  expect(await doctor(url, '--token', 'of-admin')).toMatchObject({
    code: 0,
    out: '2 shards, 0 runs, 0 events: 0 findings, 0 of them broken\n',
  })
  for (const [token, said] of [
    ['of-write', 'this needs the scope admin, and you have write'],
    ['of-read', 'this needs the scope admin, and you have read'],
    ['of-nobody', 'unauthorized'],
  ] as const)
    expect(await doctor(url, '--token', token)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(said),
    })
})

test('one that does not answer is not said to be well', async () => {
  expect(await doctor('http://127.0.0.1:9')).toMatchObject({ code: 1, out: '' })
})
