/** For a method of your class `Scheduler`: the shard ends, and wakes with the storage that it had at `at` (epoch ms). */
export async function restoreTo(ctx: DurableObjectState, at: number): Promise<void> {
  const bookmark = await ctx.storage.getBookmarkForTime(at)
  await ctx.storage.onNextSessionRestoreBookmark(bookmark)
  ctx.abort('restored to an earlier time')
}
