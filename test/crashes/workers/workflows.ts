/** Runs of chapters: each is begun by a signal, has effects on the sink, and is of another kind than the last. */
import { defineActivity, signal, workflow, type WorkflowContext } from '../../../shared/index.ts'
import { childOf, type Kind } from '../../../scripts/crashes/plan.ts'
import { outside } from './outside.ts'

const WORKS_ON_MS = 10
const MOST_SLEEP_MS = 1_500

interface Chapter {
  number: number
  kind: Kind
}

export const next = signal<Chapter>('next')
const born = signal<string>('born')

/** It works on a while after the effect, so that a kill can hit it there. */
const effect = defineActivity('effect', async (chapter: number, ctx): Promise<number> => {
  await outside().apply({ key: ctx.idempotencyKey, workflowId: ctx.workflowId })
  await scheduler.wait(WORKS_ON_MS)
  return chapter + 1
})

/** Of an order on the shelf: its parent lies on another shard as often as not. */
const page = workflow('page', async (ctx, { parent, chapter }: { parent: string; chapter: number }) => {
  await ctx.external(parent).signal(born, ctx.workflowId)
  return (await ctx.activity(effect, { input: chapter })) + (await stepOf(ctx, chapter))
})

export const book = workflow('book', async (ctx, chapters: number) => {
  const read: number[] = []
  let total = 0
  while (read.length < chapters) {
    const { number, kind } = await ctx.waitForSignal(next)
    total += await kinds[kind](ctx, number)
    read.push(number)
  }
  return { chapters: read.toSorted((one, other) => one - other), total }
})

const kinds: Record<Kind, (ctx: WorkflowContext, chapter: number) => Promise<number>> = {
  activity: (ctx, chapter) => ctx.activity(effect, { input: chapter }),
  step: stepOf,
  timer: async (ctx, chapter) => {
    await ctx.sleep(Math.random() * MOST_SLEEP_MS)
    return await ctx.activity(effect, { input: chapter })
  },
  child: async (ctx, chapter) => {
    const { workflowId: parent } = ctx
    const workflowId = childOf(parent, chapter)
    const child = ctx.executeChild(page, { workflowId, input: { parent, chapter } })
    if ((await ctx.waitForSignal(born)) !== workflowId) throw new Error('another child told of itself')
    return await child
  },
  all: async (ctx, chapter) => {
    const answers = await Promise.all([
      ctx.activity(effect, { input: chapter }),
      ctx.activity(effect, { input: chapter }),
      stepOf(ctx, chapter),
    ])
    return answers.reduce((sum, answer) => sum + answer, 0)
  },
}

function stepOf(ctx: WorkflowContext, chapter: number): Promise<number> {
  const { workflowId } = ctx
  return ctx.run('step', async () => {
    await outside().apply({ key: `${workflowId}/step/${chapter}`, workflowId })
    await scheduler.wait(WORKS_ON_MS)
    return chapter + 1
  })
}

export const workflows = [book, page]
export const activities = [effect]
