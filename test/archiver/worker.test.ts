import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import { defineArchiver, type ArchiverEnv } from '../../archiver/index.ts'
import { PASS_FIGURES } from '../../archiver/metrics.ts'
import { warmLimits } from '../../archiver/pack.ts'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, noPages, orderRuns, seeded } from './batches.ts'
import { bucket } from './buckets.ts'
import { source } from './passes.ts'

const env: ArchiverEnv = { ARCHIVE: bucket, WORKFLOWS: source }

describe('the archiver Worker', () => {
  test('makes a pass over the namespaces it is given on each cron', async () => {
    const lines: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
    const { handler } = defineArchiver({ passBudget: '10s' })
    const named = { ...env, NAMESPACES: ' cron ,' }
    await handler.scheduled(createScheduledController(), named, createExecutionContext())
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ event: 'archive_pass', shards: 2, failed: 0 })
  })

  test('gives the figures of each pass to the dataset METRICS', async () => {
    const points: AnalyticsEngineDataPoint[] = []
    const METRICS: AnalyticsEngineDataset = { writeDataPoint: (point = {}) => void points.push(point) }
    const { handler } = defineArchiver()
    const named = { ...env, METRICS, NAMESPACES: 'figures' }
    await handler.scheduled(createScheduledController(), named, createExecutionContext())
    expect(points).toMatchObject([{ indexes: ['archive_pass'], blobs: ['archive_pass', 'figures'] }])
    const figures = Object.fromEntries(PASS_FIGURES.map((name, i) => [name, points[0]!.doubles![i]]))
    expect(figures).toMatchObject({ shards: 2, backlog: 0, failed: 0, ms: expect.any(Number) })
  })

  test('reads archived runs back over RPC', async () => {
    const writer = { bucket, fence: 1, limits: warmLimits(), page: noPages }
    const [run] = orderRuns(1, seeded(51), 'rpc')
    const { locators } = await writeBatch(writer, batchOf(80, [run!]))
    const { ArchiveService } = defineArchiver()
    const service = new ArchiveService(createExecutionContext(), env)
    const warm = locators[0]!.locator
    const asked = { ...run!, namespace: 'default', warm, fromEvent: 3, maxBytes: 1_000_000 }
    const { events } = await service.readRun(asked)
    expect(JSON.parse(new TextDecoder().decode(events))).toEqual(run!.history.slice(2))
    const ends = await service.readEnds(asked)
    expect(JSON.parse(new TextDecoder().decode(ends.events))).toEqual([run!.history[0], run!.history.at(-1)])
  })

  test.each(['ARCHIVE', 'WORKFLOWS'] as const)(
    'says how to add the binding %s when it is missing',
    async (name) => {
      const { [name]: _, ...rest }: ArchiverEnv = env
      const { handler } = defineArchiver()
      const pass = handler.scheduled(createScheduledController(), rest, createExecutionContext())
      await expect(pass).rejects.toMatchObject({
        code: 'not_configured',
        message: expect.stringContaining(`binding = "${name}"`),
      })
    },
  )

  test('has handlers that a bundle keeps, and answers HTTP with 404 where there is no token', async () => {
    const { handler } = defineArchiver()
    expect(Object.keys(handler)).toEqual(['scheduled', 'fetch'])
    const request = new Request('https://archiver/iceberg/v1/config')
    expect((await handler.fetch(request, env, createExecutionContext())).status).toBe(404)
  })

  test('serves its catalog to whoever has the token', async () => {
    const { handler } = defineArchiver()
    const tokened = { ...env, API_TOKEN: 'secret' }
    const ask = (authorization: string): Promise<Response> => {
      const request = new Request('https://archiver/iceberg/v1/config', { headers: { authorization } })
      return handler.fetch(request, tokened, createExecutionContext())
    }
    expect((await ask('Bearer wrong')).status).toBe(401)
    expect((await ask('Bearer secret')).status).toBe(200)
  })

  test('makes a pass for an admin who asks for one', async () => {
    const { handler } = defineArchiver()
    const tokened = { ...env, NAMESPACES: 'asked', API_TOKEN: 'secret', API_TOKEN_WRITE: 'writes' }
    const ask = (token: string): Promise<Response> => {
      const headers = { authorization: `Bearer ${token}` }
      const request = new Request('https://archiver/archive/pass', { method: 'POST', headers })
      return handler.fetch(request, tokened, createExecutionContext())
    }
    expect((await ask('writes')).status).toBe(403)
    expect(await (await ask('secret')).json()).toMatchObject({ shards: 2, failed: 0 })
  })

  test('refuses options that make no sense', () => {
    for (const options of [{ warmObjectBytes: 0 }, { coldFileBytes: 0.5 }, { passBudget: -1 }]) {
      expect(() => defineArchiver(options)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    }
  })
})
