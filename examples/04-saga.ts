/** A trip of three bookings, at three companies: all of them, or none. */
import { ApplicationError, defineActivity, workflow } from '../shared/index.ts'

export interface Trip {
  traveller: string
  city: string
}

type Part = 'flight' | 'hotel' | 'car'

interface Booking extends Trip {
  part: Part
}

/** One booking of one trip has one reference: booked twice it is the same, and cancelling what is not booked is nothing. */
const reference = ({ traveller, city, part }: Booking) => encodeURIComponent(`${traveller}/${city}/${part}`)

export const book = defineActivity(
  'book',
  async (booking: Booking) => {
    const url = `https://${booking.part}.example/bookings/${reference(booking)}`
    const response = await fetch(url, { method: 'PUT' })
    if (response.status === 409)
      throw new ApplicationError(`no ${booking.part} is left`, { type: 'sold_out', nonRetryable: true })
    if (!response.ok) throw new Error(`${booking.part}.example answered ${response.status}`)
    return reference(booking)
  },
  { startToCloseTimeout: '1m', retry: { maxAttempts: 5 } },
)

/** Retried for a week: somebody has to notice a booking that cannot be cancelled. */
export const cancelBooking = defineActivity(
  'cancelBooking',
  async (booking: Booking) => {
    const url = `https://${booking.part}.example/bookings/${reference(booking)}`
    const response = await fetch(url, { method: 'DELETE' })
    if (!response.ok) throw new Error(`${booking.part}.example answered ${response.status}`)
  },
  { scheduleToCloseTimeout: '7d', retry: { maxInterval: '1h' } },
)

export const bookTrip = workflow('bookTrip', async (ctx, trip: Trip) => {
  const references: string[] = []
  for (const part of ['flight', 'hotel', 'car'] as const) {
    const booking = { ...trip, part }
    // Before the call: a booking may have been made of which nothing was heard.
    ctx.compensate(() => ctx.activity(cancelBooking, { input: booking }))
    references.push(await ctx.activity(book, { input: booking }))
  }
  return references
})
