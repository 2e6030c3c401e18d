import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { defineActivity, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, typesOf } from './world.ts'

const bindings = env as unknown as { ARCHIVE: R2Bucket; SCHEDULER: DurableObjectNamespace }

/** Each kind of IO, in one line that the error must name. */
const CALLS: Record<string, () => unknown> = {
  fetch: () => fetch('https://example.com/answer'),
  'env.ARCHIVE': () => bindings.ARCHIVE.get('no such key'),
  'env.SCHEDULER': () => bindings.SCHEDULER.idFromName('default/0'),
  caches: () => caches.default.match('https://example.com/cached'),
  subtle: () => crypto.subtle.digest('SHA-256', new Uint8Array(1)),
  'new ReadableStream': () => new ReadableStream().locked,
  'new WebSocket': () => new WebSocket('wss://example.com').readyState,
}
const WORKS_OUTSIDE = ['fetch', 'env.ARCHIVE', 'env.SCHEDULER', 'caches', 'subtle', 'new ReadableStream']

const call = async (what: string): Promise<string> => {
  await CALLS[what]?.()
  return 'worked'
}
const io = defineActivity('io', call)
const ioInWorkflow = workflow('ioInWorkflow', async (_ctx, what: string) => call(what))
const ioCaught = workflow('ioCaught', async (ctx, what: string) => {
  await call(what).catch(() => {})
  await ctx.sleep('1h')
})
const ioInActivity = workflow('ioInActivity', async (ctx, what: string) => ctx.activity(io, { input: what }))
const ioInStep = workflow('ioInStep', async (ctx, what: string) => ctx.run('io', async () => call(what)))
register(io, ioInWorkflow, ioCaught, ioInActivity, ioInStep)

beforeAll(() => {
  // The platform's `fetch` as the patch captured it stays in place; only what leaves the machine is answered here.
  const patched = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) =>
    input === 'https://example.com/answer' ? patched('data:text/plain,answer', init) : patched(input, init),
  )
})

describe('100 determinism/io', () => {
  test.each(Object.keys(CALLS))(
    '100 determinism/io: %s in workflow code is refused where it stands',
    async (what) => {
      const run = await client.start(ioInWorkflow, { workflowId: `refused ${what}`, input: what })
      const { status, blocked } = await run.describe()
      expect(status).toBe('running')
      expect(blocked).toMatchObject({ code: 'nondeterminism', eventId: 1 })
      expect(blocked!.reason).toContain(what)
      expect(blocked!.reason).toMatch(/io\.test\.ts:\d+/)
      expect(blocked!.reason).toContain('call it in an activity or in ctx.run()')
      expect(await typesOf(run)).toEqual(['workflow_started'])
      await run.terminate()
    },
  )

  test('100 determinism/io: code that catches the refusal is blocked all the same', async () => {
    const run = await client.start(ioCaught, { workflowId: 'caught', input: 'caches' })
    await evict('caught')
    expect((await run.describe()).blocked?.reason).toContain('caches')
    await run.terminate()
  })

  test.each(WORKS_OUTSIDE)(
    '100 determinism/io: %s works elsewhere in the isolate at the same time',
    async (what) => {
      const blocked = await client.start(ioInWorkflow, { workflowId: `beside ${what}`, input: what })
      const [inActivity, inStep, inRequest] = await Promise.all([
        client.execute(ioInActivity, { input: what }),
        client.execute(ioInStep, { input: what }),
        call(what),
      ])
      expect([inActivity, inStep, inRequest]).toEqual(['worked', 'worked', 'worked'])
      await blocked.terminate()
    },
  )
})
