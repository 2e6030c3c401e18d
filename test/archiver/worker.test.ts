import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import { defineArchiver, type ArchiverEnv } from '../../archiver/index.ts'
import { orderRuns, seeded } from './batches.ts'
import { bucket } from './buckets.ts'
import { shardsWith } from './shards.ts'

describe('the archiver Worker', () => {
  test('archives the namespaces it is given on each cron, and reads the runs back over RPC', async () => {
    const world = shardsWith([orderRuns(3, seeded(51), 'cron')], 10)
    const log = vi.spyOn(console, 'log').mockReturnValue(undefined)
    const { handler, ArchiveService } = defineArchiver({ passBudget: '10s' })
    const env: ArchiverEnv = { ARCHIVE: bucket, WORKFLOWS: world, NAMESPACES: ' cron ,' }
    await handler.scheduled(createScheduledController(), env, createExecutionContext())
    expect(log).toHaveBeenCalledWith(expect.stringContaining('"runs":3'))
    const { run, locator } = world.shards[0]!.archived[1]!
    const { workflowId, runId } = run.execution
    const service = new ArchiveService(createExecutionContext(), env)
    const bytes = await service.readRun({ workflowId, runId, locator })
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(run.events)
  })

  test.each(['ARCHIVE', 'WORKFLOWS'] as const)(
    'says how to add the binding %s when it is missing',
    async (name) => {
      const { [name]: _, ...env }: ArchiverEnv = { ARCHIVE: bucket, WORKFLOWS: shardsWith([], 1) }
      const { handler } = defineArchiver()
      const pass = handler.scheduled(createScheduledController(), env, createExecutionContext())
      await expect(pass).rejects.toMatchObject({
        code: 'not_configured',
        message: expect.stringContaining(`binding = "${name}"`),
      })
    },
  )

  test('has handlers that a bundle keeps, and answers HTTP with 404', async () => {
    const { handler } = defineArchiver()
    expect(Object.keys(handler)).toEqual(['scheduled', 'fetch'])
    const response = await handler.fetch(
      new Request('https://archiver/v1/config'),
      {},
      createExecutionContext(),
    )
    expect(response.status).toBe(404)
  })

  test('refuses options that make no sense', () => {
    expect(() => defineArchiver({ warmObjectBytes: 0 })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
    expect(() => defineArchiver({ passBudget: -1 })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })
})
