import { describe, expect, test } from 'vitest'
import { book, bookTrip, cancelBooking } from '../../examples/04-saga.ts'
import {
  cancelSubscription,
  charge,
  monthsAfter,
  nextCharge,
  setPrice,
  subscription,
} from '../../examples/05-billing.ts'
import { dailyReport, goOn, scheduleReports, sumUp } from '../../examples/09-schedules.ts'
import { failure, ok, status, worldOf } from './world.ts'

const world = worldOf({
  workflows: [bookTrip, subscription, dailyReport],
  activities: [book, cancelBooking, charge, sumUp],
  startTime: '2026-01-30T12:00:00Z', // a Friday
})

describe('04-saga', () => {
  const input = { traveller: 'ada', city: 'Lyon' }

  test('a trip is booked', async () => {
    expect(await world.env.client.execute(bookTrip, { input })).toHaveLength(3)
    expect(askedCompanies()).toEqual(['PUT flight', 'PUT hotel', 'PUT car'])
  })

  test('without a car there is no trip: what was booked is cancelled, the newest first', async () => {
    world.answer = ({ method, url }) => (method === 'PUT' && url.includes('//car.') ? status(409) : ok())
    const error = await failure(world.env.client.execute(bookTrip, { input }))
    expect(error).toMatchObject({ status: 'failed', cause: { cause: { type: 'sold_out' } } })
    expect(askedCompanies().slice(3)).toEqual(['DELETE car', 'DELETE hotel', 'DELETE flight'])
  })

  test('cancelled in the middle, it is undone too, however long that takes', async () => {
    world.answer = ({ method, url }) => (url.includes('//hotel.') && method === 'PUT' ? status(503) : ok())
    const run = await world.env.client.start(bookTrip, { input })
    await world.env.settle()
    world.answer = ({ url }) => (url.includes('//hotel.') ? status(503) : ok())
    await run.cancel()
    await world.env.advance('1h')
    expect((await run.describe()).status).toBe('running')
    world.answer = () => ok()
    await world.env.advance('1h')
    expect(await failure(run.result())).toMatchObject({ status: 'cancelled' })
    expect(askedCompanies().at(-1)).toBe('DELETE flight')
  })

  test('what cannot be undone in a week is told, and the rest is undone', async () => {
    world.answer = ({ method, url }) => {
      if (method === 'PUT') return url.includes('//car.') ? status(409) : ok()
      return url.includes('//hotel.') ? status(500) : ok()
    }
    const run = await world.env.client.start(bookTrip, { input })
    await world.env.advance('7d')
    const error = await failure(run.result())
    expect(error).toMatchObject({ cause: { code: 'compensation_failed', failures: [expect.anything()] } })
    expect(askedCompanies().at(-1)).toBe('DELETE flight')
  })
})

describe('05-billing', () => {
  const startsAt = new Date('2026-01-31T12:00:00Z')
  const input = { customer: 'ada', cents: 900, startsAt, charged: 0 }
  const start = () => world.env.client.start(subscription, { workflowId: 'subscription-ada', input })

  test('the day of the month stays, as far as months have it', () => {
    const days = [0, 1, 2, 3, 25].map((months) => monthsAfter(startsAt, months).toISOString().slice(0, 10))
    expect(days).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2028-02-29'])
  })

  test('it is charged every month for years, once each, in runs of a year', async () => {
    const run = await start()
    await world.env.advance('1000d')
    expect(world.requests).toHaveLength(33)
    expect((await run.describe()).runId).not.toBe(run.runId)
    await world.env.evict()
    expect(await run.query(nextCharge)).toEqual(new Date('2028-10-31T12:00:00Z'))
    await run.signal(cancelSubscription)
    expect(await run.result()).toEqual({ ended: 'cancelled', months: 33 })
  })

  test('a new price counts from the next month on, in the next run too', async () => {
    const charged: number[] = []
    world.env.mockActivity(charge, ({ cents }) => void charged.push(cents))
    const run = await start()
    await world.env.advance('340d')
    await run.signal(setPrice, 1200)
    await world.env.advance('60d')
    expect(charged).toEqual([...Array.from({ length: 12 }, () => 900), 1200, 1200])
  })

  test('a card that is declined is tried for a week, and the month is charged once', async () => {
    const run = await start()
    world.answer = () => status(402)
    await world.env.advance('4d')
    expect((await run.describe()).status).toBe('running')
    world.answer = () => ok()
    await world.env.advance('1d')
    expect(await run.query(nextCharge)).toEqual(new Date('2026-02-28T12:00:00Z'))
  })

  test('cancelled while it is being paid, it is cancelled, not unpaid', async () => {
    world.answer = () => status(402)
    const run = await start()
    await world.env.advance('2d')
    await run.cancel()
    expect(await failure(run.result())).toMatchObject({ status: 'cancelled' })
  })

  test('never paid, or with a closed card, it ends', async () => {
    world.answer = () => status(402)
    const run = await start()
    await world.env.advance('8d')
    expect(await run.result()).toEqual({ ended: 'unpaid', months: 0 })
    world.answer = () => status(410)
    const closed = { customer: 'bob', cents: 900, startsAt, charged: 3 }
    const next = await world.env.client.start(subscription, { input: closed })
    await world.env.advance('90d')
    expect(await next.result()).toEqual({ ended: 'unpaid', months: 3 })
  })
})

describe('09-schedules', () => {
  test('a report for every working day', async () => {
    world.answer = () => ok({ sales: 12 })
    await scheduleReports(world.env.client, 'lyon')
    await world.env.advance('5d')
    expect(await reports()).toEqual(['02', '03', '04'].map((day) => `lyon, 2026-02-${day}: 12`))
  })

  test('one that fails stops the schedule; mended, the missed days are made up for', async () => {
    world.answer = () => status(500)
    const schedule = await scheduleReports(world.env.client, 'lyon')
    await world.env.advance('5d')
    expect(await schedule.describe()).toMatchObject({ paused: true })
    expect(await reports()).toEqual(['failed'])
    world.answer = () => ok({ sales: 12 })
    const missed = { from: new Date('2026-02-03T00:00:00Z'), to: new Date('2026-02-04T12:00:00Z') }
    await goOn(world.env.client, 'lyon', missed)
    await world.env.settle()
    expect((await reports()).toSorted()).toEqual(['failed', 'lyon, 2026-02-03: 12', 'lyon, 2026-02-04: 12'])
    expect(await schedule.describe()).toMatchObject({ paused: false, note: 'the warehouse answers again' })
  })
})

/** Which companies were asked what. */
function askedCompanies(): string[] {
  return world.requests.map((request) => request.replace(/ https:\/\/(\w+)\..*/, ' $1'))
}

async function reports(): Promise<string[]> {
  const all: string[] = []
  for await (const run of world.env.client.list({ workflowType: 'dailyReport', orderBy: 'startedAt' }))
    all.push(((await world.env.client.describe(run.workflowId)).result ?? run.status) as string) // a report is a text
  return all
}
