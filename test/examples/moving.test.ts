import { describe, expect, test } from 'vitest'
import { correction, invoice } from '../../examples/11-from-cloudflare-workflows/after.ts'
import * as seats from '../../examples/12-from-temporal/after.ts'
import { failure, ok, status, worldOf } from './world.ts'

const { changeSeat, currentSeat, issueTicket, paid, releaseSeat, reserveSeat, ticket } = seats
const world = worldOf({
  workflows: [invoice, ticket],
  activities: [reserveSeat, releaseSeat, issueTicket],
})

describe('11-from-cloudflare-workflows', () => {
  test('an invoice that nobody corrects is sent after a week', async () => {
    world.answer = () => ok({ cents: 500 })
    const run = await startInvoice()
    await world.env.advance('7d')
    expect(await run.result()).toEqual({ cents: 500 })
  })

  test('a correction counts, also one that came during the grace period', async () => {
    world.answer = () => ok({ cents: 500 })
    const run = await startInvoice()
    await run.signal(correction, { cents: 400 })
    await world.env.advance('3d')
    expect(await run.result()).toEqual({ cents: 400 })
  })

  test('a step is tried six times, as `limit: 5` retries are', async () => {
    world.answer = () => status(500)
    const run = await startInvoice()
    await world.env.advance('310s')
    expect(await failure(run.result())).toMatchObject({ cause: { code: 'activity_failed', attempt: 6 } })
    expect(world.requests).toHaveLength(6)
  })
})

describe('12-from-temporal', () => {
  test('a seat is changed until it is paid, and then issued', async () => {
    const run = await startTicket()
    expect(await run.update(changeSeat, { args: ['B2'] })).toBe('B2')
    world.answer = () => new Response('ticket 9')
    await run.signal(paid)
    expect(await run.result()).toEqual({ status: 'issued', ticket: 'ticket 9' })
    expect(callsOfSeats()).toEqual(['PUT A1', 'PUT B2', 'DELETE A1', 'POST B2'])
  })

  test('not paid in a quarter of an hour, the seat is released', async () => {
    const run = await startTicket()
    await world.env.advance('15m')
    expect(await run.result()).toEqual({ status: 'expired' })
    expect(callsOfSeats()).toEqual(['PUT A1', 'DELETE A1'])
  })

  test('a seat that is taken fails the change at once, and the run goes on', async () => {
    const run = await startTicket()
    await world.env.settle()
    world.answer = () => status(409)
    expect(await failure(run.update(changeSeat, { args: ['B2'] }))).toMatchObject({
      cause: { type: 'SeatTaken', message: 'B2 is taken' },
    })
    expect(await run.query(currentSeat)).toBe('A1')
    expect(callsOfSeats()).toEqual(['PUT A1', 'PUT B2'])
  })
})

function startInvoice() {
  return world.env.client.start(invoice, { input: { id: 'c-1' } })
}

function startTicket() {
  return world.env.client.start(ticket, { input: { event: 'opera', wanted: 'A1' } })
}

function callsOfSeats(): string[] {
  return world.requests.map((request) => request.replace(/https:\/\/\w+\.example\/opera\//, ''))
}
