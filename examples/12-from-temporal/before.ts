import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow'
import type * as activities from './activities.ts'

const { reserveSeat, releaseSeat, issueTicket } = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 5, nonRetryableErrorTypes: ['SeatTaken'] },
})

export const paid = defineSignal('paid')
export const changeSeat = defineUpdate<string, [seat: string]>('changeSeat')
export const currentSeat = defineQuery<string>('currentSeat')

export async function ticket({ event, wanted }: { event: string; wanted: string }) {
  let seat = wanted
  let isPaid = false
  setHandler(currentSeat, () => seat)
  setHandler(paid, () => void (isPaid = true))
  setHandler(
    changeSeat,
    async (next: string) => {
      await reserveSeat({ event, seat: next })
      await releaseSeat({ event, seat })
      return (seat = next)
    },
    {
      validator: (next: string) => {
        if (isPaid) throw new Error(`${seat} is paid for, and stays: not ${next}`)
      },
    },
  )

  await reserveSeat({ event, seat })
  if (!(await condition(() => isPaid, '15 minutes'))) {
    await releaseSeat({ event, seat })
    return { status: 'expired' }
  }
  return { status: 'issued', ticket: await issueTicket({ event, seat }) }
}
