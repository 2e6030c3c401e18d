/** Local workerd has no point in time recovery: the platform's side is written by hand. */
import { expect, test } from 'vitest'
import { restoreTo } from '../../examples/docs/restore.ts'

test('a shard is told where to go back to before it ends', async () => {
  const calls: unknown[] = []
  const storage = {
    getBookmarkForTime: async (at: number) => `bookmark of ${at}`,
    onNextSessionRestoreBookmark: async (bookmark: string) => calls.push(bookmark),
  }
  const ctx = { storage, abort: (reason: string) => calls.push(reason) }
  await restoreTo(ctx as unknown as DurableObjectState, 1_000) // all that it asks of the platform
  expect(calls).toEqual(['bookmark of 1000', 'restored to an earlier time'])
})
