import { expect, test } from 'vitest'
import { newId } from '../../shared/ids.ts'
import { begun, noon } from './driver.ts'
import type { Ctx } from './driver.ts'

const FACTS = ['startTime', 'history', 'currentStep', 'traceparent', 'isReplaying', 'cancellation'] as const

test('what changes while a run goes on is read when it is asked for, and copied with the rest', async () => {
  let ctx: Ctx | undefined
  const sleeps = async (given: Ctx): Promise<void> => {
    ctx = given
    await given.sleep('1s')
    await given.sleep('1s')
  }
  const run = await begun(sleeps, undefined, { workflowId: 'order-1', runId: newId() })
  const copy = { ...ctx! }
  expect(Object.keys(copy)).toEqual(expect.arrayContaining([...FACTS]))
  expect(copy).toMatchObject({ startTime: new Date(noon), currentStep: 1, isReplaying: false })
  await run.fire(1)
  expect([ctx!.currentStep, Object.create(ctx!).currentStep, copy.currentStep]).toEqual([2, 2, 1])
})

test('its accessors are those of every run', async () => {
  const contexts: Ctx[] = []
  for (let runs = 0; runs < 2; runs += 1) await begun(async (ctx: Ctx) => void contexts.push(ctx))
  const [one, other] = contexts.map((ctx) => Object.getOwnPropertyDescriptors(ctx))
  for (const fact of FACTS) {
    expect(one![fact]).toMatchObject({ get: expect.any(Function), enumerable: true })
    expect(one![fact].get === other![fact].get).toBe(true)
  }
})
