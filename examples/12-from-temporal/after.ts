/** `ticket` of before.ts, with perdure. */
import { defineActivity, query, signal, update, workflow } from '../../shared/index.ts'
import type { ActivityOptions } from '../../shared/index.ts'
import * as activities from './activities.ts'

const options: ActivityOptions = {
  startToCloseTimeout: '1m',
  retry: { maxAttempts: 5, nonRetryableErrors: ['SeatTaken'] },
}

export const reserveSeat = defineActivity('reserveSeat', activities.reserveSeat, options)
export const releaseSeat = defineActivity('releaseSeat', activities.releaseSeat, options)
export const issueTicket = defineActivity('issueTicket', activities.issueTicket, options)

export const paid = signal('paid')
export const changeSeat = update<string, [seat: string]>('changeSeat')
export const currentSeat = query<string>('currentSeat')

export const ticket = workflow(
  'ticket',
  { messages: { paid, changeSeat, currentSeat } },
  async (ctx, { event, wanted }: { event: string; wanted: string }) => {
    let seat = wanted
    let isPaid = false
    ctx.setQueryHandler(currentSeat, () => seat)
    ctx.setSignalHandler(paid, () => void (isPaid = true))
    ctx.setUpdateHandler(
      changeSeat,
      async (next) => {
        await ctx.activity(reserveSeat, { input: { event, seat: next } })
        await ctx.activity(releaseSeat, { input: { event, seat } })
        return (seat = next)
      },
      {
        validate: (next) => {
          if (isPaid) throw new Error(`${seat} is paid for, and stays: not ${next}`)
        },
      },
    )

    await ctx.activity(reserveSeat, { input: { event, seat } })
    if (!(await ctx.condition(() => isPaid, '15m'))) {
      await ctx.activity(releaseSeat, { input: { event, seat } })
      return { status: 'expired' }
    }
    return { status: 'issued', ticket: await ctx.activity(issueTicket, { input: { event, seat } }) }
  },
)
