/** An activity that takes long: it says how far it is, and goes on from there when it is tried again. */
import { defineActivity, type ActivityContext } from '../../shared/index.ts'

interface Progress {
  done: number
}

export const importRows = defineActivity(
  'importRows',
  async (rows: string[], ctx: ActivityContext<Progress>) => {
    for (let done = ctx.heartbeatDetails?.done ?? 0; done < rows.length; done += 1) {
      ctx.cancellation.throwIfAborted()
      await fetch('https://rows.example/', {
        method: 'POST',
        body: rows[done] ?? '',
        headers: { 'idempotency-key': `${ctx.idempotencyKey}/${done}` },
      })
      await ctx.heartbeat({ done: done + 1 })
    }
    return rows.length
  },
  { startToCloseTimeout: '10m', heartbeatTimeout: '30s', retry: { maxAttempts: 5 } },
)
