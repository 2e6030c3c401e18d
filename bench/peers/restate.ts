/** The programs of ../outside/runs.ts on Restate: a plain service, whose runs have no key and no lock; what waits for a signal is a workflow. */
import * as restate from '@restatedev/restate-sdk'
import { type Asked, type Lane, isEdge, tell } from '../outside/runs.ts'

const activities = restate.service({
  name: 'activities',
  handlers: { tick: async () => Date.now() },
})

const bench = restate.service({
  name: 'bench',
  handlers: {
    sequence: async (ctx: restate.Context, { lane, count }: Asked) => {
      const edges: number[] = []
      for (let n = 1; n <= count; n += 1) {
        const at = await step(ctx, lane, n)
        if (isEdge(n, count)) edges.push(at)
      }
      return edges
    },
    fan: async (ctx: restate.Context, { lane, count }: Asked) => {
      await restate.RestatePromise.all(Array.from({ length: count }, (_, n) => step(ctx, lane, n + 1)))
      return []
    },
    sleeps: async (ctx: restate.Context, { count }: Asked) => {
      const before = await step(ctx, 'inline', 1)
      await ctx.sleep(count)
      return [(await step(ctx, 'inline', 2)) - before - count]
    },
    told: async (ctx: restate.Context, { count, url }: Asked) => {
      for (let n = 1; n <= count; n += 1) await ctx.run(`step-${n}`, () => tell(url, n))
      return []
    },
  },
})

const waits = restate.workflow({
  name: 'waits',
  handlers: {
    run: async (ctx: restate.WorkflowContext) => {
      await ctx.promise('go')
      return []
    },
    signal: async (ctx: restate.WorkflowSharedContext) => {
      await ctx.promise('go').resolve()
    },
  },
})

await restate.serve({ services: [activities, bench, waits], port: Number(process.argv[2]) })

function step(ctx: restate.Context, lane: Lane, n: number): restate.RestatePromise<number> {
  return lane === 'inline' ? ctx.run(`step-${n}`, () => Date.now()) : ctx.serviceClient(activities).tick()
}
