/** A thousand images at once: one activity each, and what failed is told apart from what did not. */
import { defineActivity, query, workflow } from '../shared/index.ts'

export const progress = query<{ done: number; of: number }>('progress')

export const resize = defineActivity(
  'resize',
  async (image: string) => {
    const response = await fetch(`https://images.example/${image}?width=320`)
    if (!response.ok) throw new Error(`${image}: ${response.status}`)
    return (await response.arrayBuffer()).byteLength
  },
  { startToCloseTimeout: '30s', retry: { maxAttempts: 3 } },
)

/** A run may have 2,000 activities pending: more than that are shared out among children. */
export const resizeAlbum = workflow(
  'resizeAlbum',
  { messages: { progress } },
  async (ctx, images: readonly string[]) => {
    let done = 0
    ctx.setQueryHandler(progress, () => ({ done, of: images.length }))
    const sizes = await Promise.allSettled(
      images.map(async (image) => {
        const bytes = await ctx.activity(resize, { input: image })
        done += 1
        return bytes
      }),
    )
    ctx.cancellation.throwIfAborted() // which settled them too
    return {
      bytes: sizes.reduce((sum, size) => sum + (size.status === 'fulfilled' ? size.value : 0), 0),
      failed: images.filter((_, index) => sizes[index]?.status === 'rejected'),
    }
  },
)
