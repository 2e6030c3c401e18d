/** A subscription that is charged every month until it is cancelled or cannot be paid: one workflow per customer, for years. */
import { ActivityError, ApplicationError, defineActivity, query, signal, workflow } from '../shared/index.ts'

export interface Subscription {
  customer: string
  cents: number
  /** The first charge; the day of the month stays, or is the month's last one. */
  startsAt: Date
  /** Months charged so far. */
  charged: number
}

/** A history of years is not replayed: after so many months the workflow goes on as a new run. */
const MONTHS_PER_RUN = 12

export const cancelSubscription = signal('cancelSubscription')
export const setPrice = signal<number>('setPrice')
export const nextCharge = query<Date>('nextCharge')

/** Tried for a week: the card may have been full, or the bank closed. */
export const charge = defineActivity(
  'charge',
  async (invoice: { customer: string; cents: number; month: number }) => {
    const response = await fetch('https://payments.example/charges', {
      method: 'POST',
      // One charge a month, however often it is tried, and by whichever run.
      headers: { 'idempotency-key': `${invoice.customer}/${invoice.month}` },
      body: JSON.stringify(invoice),
    })
    if (response.status === 410)
      throw new ApplicationError('the card is closed', { type: 'card_closed', nonRetryable: true })
    if (!response.ok) throw new Error(`the payment was declined: ${response.status}`)
  },
  { scheduleToCloseTimeout: '7d', retry: { initialInterval: '1h', maxInterval: '1d' } },
)

export const subscription = workflow(
  'subscription',
  { messages: { cancelSubscription, setPrice, nextCharge } },
  async (ctx, { customer, cents, startsAt, charged }: Subscription) => {
    let price = cents
    let cancelled = false
    let month = charged
    ctx.setQueryHandler(nextCharge, () => monthsAfter(startsAt, month))
    ctx.setSignalHandler(setPrice, (next) => void (price = next))
    ctx.setSignalHandler(cancelSubscription, () => void (cancelled = true))

    for (; month < charged + MONTHS_PER_RUN; month += 1) {
      const wait = monthsAfter(startsAt, month).getTime() - ctx.now().getTime()
      if (await ctx.condition(() => cancelled, Math.max(0, wait)))
        return { ended: 'cancelled', months: month }
      try {
        await ctx.activity(charge, { input: { customer, cents: price, month } })
      } catch (error) {
        if (!(error instanceof ActivityError)) throw error // cancelled
        return { ended: 'unpaid', months: month }
      }
    }
    return ctx.continueAsNew({ customer, cents: price, startsAt, charged: month })
  },
)

/** The same day, `months` later: of 31 January the last one of February, and in March the 31st again. */
export function monthsAfter(start: Date, months: number): Date {
  const first = new Date(start)
  first.setUTCDate(1)
  first.setUTCMonth(start.getUTCMonth() + months)
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(start.getUTCDate(), days))
  return first
}
