import { expect, test } from 'vitest'
import {
  approved,
  bookCarrier,
  howShipmentsStand,
  importShipments,
  openGiftsOf,
  options,
  recallImported,
  ship,
  shipment,
  shipTraced,
  tenantClient,
  whereItWaits,
} from '../../examples/docs/visibility.ts'
import { declaredAttributes } from '../../scheduler-do/attributes.ts'
import { dataPoints, register } from '../workers/registry.ts'
import { client, recorded, world } from './world.ts'

register(shipment, bookCarrier)

test('the examples of the guide to visibility do what it says', async () => {
  expect(declaredAttributes(options.searchAttributes).size).toBe(4)
  const run = await ship(client, '1')
  expect(await openGiftsOf(client, 'c-7')).toEqual(['shipment-1'])
  expect(await openGiftsOf(client, 'c-8')).toEqual([])
  const [waits] = await whereItWaits(client, 'shipment-1')
  expect(waits).toMatch(/^signal approved, called in .*examples\/docs\/visibility\.ts:\d+:\d+\)?$/)
  const names = dataPoints.filter(({ blobs }) => blobs?.[5] === run.runId).map(({ blobs = [] }) => blobs[0])
  expect(names).toEqual(['shipments', 'parcel_kg', 'parcel_kg'])

  expect(await importShipments(client, ['2', '1', '3'])).toEqual({ started: 2, failed: ['1'] })
  const cursors: (string | undefined)[] = []
  await recallImported(client, async (cursor) => void cursors.push(cursor))
  expect(cursors).toEqual([undefined])
  expect(await howShipmentsStand(client)).toEqual({ running: 1, cancelled: 2 })

  const acme = await tenantClient(world, 'acme').start(shipment, { input: { country: 'FR', kilograms: [] } })
  const [found] = await client.list({ searchAttributes: { tenant: 'acme' } })
  expect(found?.workflowId).toBe(acme.workflowId)

  const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const response = await shipTraced(
    client,
    new Request('https://shop.example', { headers: { traceparent: caller } }),
  )
  const traced = client.getHandle(await response.text())
  expect(await recorded(traced, 'workflow_started')).toMatchObject([{ traceparent: caller }])
  expect(approved.name).toBe('approved')
})
