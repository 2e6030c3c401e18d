/** A database that takes no more pages, as SQLite itself says it: SQLITE_FULL. */
import { expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowHandle } from '../../shared/index.ts'
import { environmentsWithPlatforms } from './environments.ts'

const create = environmentsWithPlatforms()
const go = signal<string>('go')
const messages = { go }
const LARGE = 'x'.repeat(50_000)

const work = defineActivity('work', async (text: string) => text.length)
const order = workflow('order', { messages }, async (ctx, text: string) => {
  await ctx.sleep('10m')
  const length = await ctx.activity(work, { input: text })
  const inline = await ctx.run('inline', () => text.slice(0, 3))
  return [length, inline, await ctx.waitForSignal(go, { timeout: '10d' })]
})

type World = Awaited<ReturnType<typeof create>>

/** Of a database that has no free page any more; null: as many as it wants. */
function pagesOf({ platform }: World, most: number | null): void {
  const { database } = platform.object('default/0').disk
  const { page_count: used } = database.prepare('PRAGMA page_count').get() as { page_count: number }
  database.exec(`PRAGMA max_page_count = ${most === null ? 1_000_000 : used + most}`)
}

test('refuses what does not fit, loses nothing that was accepted, and goes on when there is room', async () => {
  const world = await create({ workflows: [order], activities: [work], shards: 1 })
  const { env } = world
  const accepted: WorkflowHandle<unknown, typeof messages>[] = []
  const refused: unknown[] = []
  const begin = async (number: number): Promise<void> => {
    const workflowId = `order-${number}`
    await env.client.start(order, { workflowId, input: LARGE }).then(
      (handle) => accepted.push(handle),
      (error: unknown) => refused.push(error),
    )
  }
  await begin(0)
  pagesOf(world, 40)
  const begun = Array.from({ length: 10 }, (_, index) => begin(index + 1))
  await env.advance('1m')
  await Promise.all(begun)
  expect(accepted.length).toBeGreaterThan(1)
  expect(refused.length).toBeGreaterThan(1)
  // SQLite undoes all that was not on the disk yet, and the platform gives the object up: nobody answers.
  for (const error of refused) expect(error).toMatchObject({ code: 'internal' })
  await env.advance('15m')
  pagesOf(world, null)
  await env.advance('15m')
  for (const handle of accepted) await handle.signal(go, 'now')
  await env.settle()
  for (const handle of accepted) expect(await handle.result()).toEqual([LARGE.length, 'xxx', 'now'])
  const known: string[] = []
  for await (const { workflowId } of env.client.list()) known.push(workflowId)
  expect(known.toSorted()).toEqual(accepted.map(({ workflowId }) => workflowId).toSorted())
})
