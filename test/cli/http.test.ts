/** The command over the HTTP API of the scheduler Worker, as it is deployed. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { served } from '../security/served.ts'
import { perdure, told } from './command.ts'
import { workflows } from './workflows.ts'

const URL_OF = 'http://localhost:8787'

beforeEach(async () => {
  const { ask } = await served({ workflows, env: { API_TOKEN: 'dev' } })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => ask(url.slice(URL_OF.length), init))
})
afterEach(() => vi.unstubAllGlobals())

test('a run is started, asked, signalled and read', async () => {
  await told({}, 'start', 'wait', '--id', 'w', '--task-queue', 'pulled')
  expect(await told({}, 'query', 'w', 'asked', '--args', '[2, 3]')).toEqual([5])
  await told({}, 'signal', 'w', 'go', '{"a":1}')
  expect(await told({}, 'result', 'w')).toEqual([{ a: 1 }])
  expect(await told({}, 'list')).toMatchObject([{ workflowId: 'w', status: 'completed' }])
  expect(await told({}, 'tail', 'w', '--no-follow')).toHaveLength(3)
})

test('a token that is not known is told which to give', async () => {
  for (const command of ['list', 'stats']) {
    const { code, err } = await perdure({}, command, '--token', 'wrong')
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^unauthorized: [^]*\n {2}give one that may, with --token/),
    ])
  }
})

describe('figures', () => {
  beforeEach(() => told({}, 'start', 'wait', '--id', 'w', '--task-queue', 'pulled'))

  test('of the namespace', async () => {
    expect(await told({}, 'stats')).toMatchObject([
      { runs: { running: 1 }, shards: [{ shard: 0 }, { shard: 1 }] },
    ])
    const { out } = await perdure({}, 'stats')
    expect(out).toMatch(/^runs in the tiers: 1 hot, 0 warm, 0 cold\nhot runs: 1 running\n/)
    expect(out).toContain('shard  open runs  database bytes')
  })

  test('of the archive', async () => {
    expect(await told({}, 'archive', 'status')).toMatchObject([
      { tables: null, shards: [{ shard: 0 }, { shard: 1 }] },
    ])
    expect((await perdure({}, 'archive', 'status')).out).toContain('shard  warm runs  cold runs')
    expect((await perdure({}, 'archive', 'snapshots')).out).toBe(
      'table  snapshot  committed  operation  records  current\n',
    )
  })
})
