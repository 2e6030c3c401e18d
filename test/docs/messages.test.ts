import { afterEach, beforeEach, expect, test } from 'vitest'
import '../../testing/simulated/platform.ts' // loaded ahead, so that no test's own time pays for it
import { createTestEnvironment } from '../../testing/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'
import * as messages from '../../examples/docs/messages.ts'

const { average, book, delivered, moveLater, moveShipment, notify, readings } = messages
const { reroute, scanned, setAddress, shipment, trip, unbook } = messages
let env: TestEnvironment

beforeEach(async () => {
  env = await createTestEnvironment({
    workflows: [shipment, average, trip],
    activities: [reroute, notify, book, unbook],
  })
})

afterEach(async () => {
  await env.dispose()
})

test('a shipment is told where it is and where it goes', async () => {
  const handle = await env.client.start(shipment, { workflowId: 's-1', input: '1 rue de Paris' })
  expect(await moveShipment(env.client, 's-1')).toEqual({ fee: 14, places: ['Lyon'] })
  const later = await moveLater(env.client, 's-1', 'request-7')
  await env.evict()
  expect(await later.result()).toEqual({ fee: 14 })
  await handle.signal(scanned, { place: 'the van' })
  await expect(handle.update(setAddress, { args: ['4 rue de Paris'] })).rejects.toMatchObject({
    code: 'update_rejected',
    cause: { message: 'it is on its way to 3 rue de Paris' },
  })
  await handle.signal(delivered)
  expect(await handle.result()).toBe('3 rue de Paris')
  expect(await handle.describe()).toMatchObject({
    memo: { deliveredTo: '3 rue de Paris' },
    searchAttributes: { place: 'the van' },
  })
})

test('an average ends with its last reading', async () => {
  const handle = await env.client.start(average, { input: 3 })
  for (const reading of [1, 2, 6]) await handle.signal(readings, reading)
  expect(await handle.result()).toBe(3)
})

test('a trip that fails is undone, the newest part first', async () => {
  const undone: string[] = []
  env.mockActivity(book, (part) => {
    if (part === 'car') throw new Error('no cars')
    return part
  })
  env.mockActivity(unbook, (part) => {
    undone.push(part)
  })
  const handle = await env.client.start(trip, { input: ['flight', 'hotel', 'car'] })
  const ended = handle.result().catch((error: unknown) => error)
  await env.advance('1m')
  expect(await ended).toMatchObject({ code: 'workflow_failed', cause: { cause: { message: 'no cars' } } })
  expect(undone).toEqual(['car', 'hotel', 'flight'])
})
