/** Schedules over months of virtual time. */
import { expect, test } from 'vitest'
import { workflow } from '../../shared/index.ts'
import type { WorkflowClient } from '../../shared/index.ts'
import { scheduled } from '../replay/scheduled.ts'
import { environments } from './environments.ts'

const environment = environments()
const startTime = new Date('2026-10-20T00:00:00Z')

async function timesOf(client: WorkflowClient, scheduleId: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { workflowId } of client.list({ idPrefix: `${scheduleId}-2` })) ids.push(workflowId)
  return ids.map((id) => id.slice(scheduleId.length + 1)).toSorted()
}

test('a daily run keeps its hour where clocks go back, and runs each day once', async () => {
  const env = await environment({ workflows: [scheduled], startTime })
  const schedule = await env.client.schedules.create({
    scheduleId: 'daily',
    spec: { cron: '30 2 * * *', timeZone: 'Europe/Berlin', endAt: '2026-10-29T00:00:00Z' },
    workflow: scheduled,
    input: 'berlin',
  })
  await env.advance('12h')
  await env.evict()
  await env.advance('30d')
  const days = [20, 21, 22, 23, 24, 25, 26, 27, 28]
  expect(await timesOf(env.client, 'daily')).toEqual(
    days.map((day) => `2026-10-${day}T0${day < 26 ? 0 : 1}:30:00Z`),
  )
  expect(await env.client.count({ status: 'completed' })).toBe(days.length)
  expect((await schedule.describe()).nextRuns).toEqual([])
})

test('a run that outlasts its time is followed as the policy says, over months', async () => {
  const long = workflow('long', async (ctx) => ctx.sleep('36h'))
  const env = await environment({ workflows: [long], startTime })
  for (const overlap of ['skip', 'buffer-one', 'allow-all'] as const)
    await env.client.schedules.create({
      scheduleId: overlap,
      spec: { every: '1d' },
      policy: { overlap },
      workflow: long,
      input: undefined,
    })
  await env.advance('12d')
  const days = async (id: string) => (await timesOf(env.client, id)).map((at) => Number(at.slice(8, 10)))
  expect(await days('skip')).toEqual([21, 23, 25, 27, 29, 31])
  // One waits while one runs: a start each 36 hours, and every third day finds one waiting.
  expect(await days('buffer-one')).toEqual([21, 22, 23, 25, 26, 28, 29, 31])
  expect(await days('allow-all')).toHaveLength(12)
})

test('a process lost right after a run began starts it once', async () => {
  const env = await environment({ workflows: [scheduled], startTime })
  await env.client.schedules.create({
    scheduleId: 'hourly',
    spec: { every: '1h' },
    policy: { overlap: 'allow-all' },
    workflow: scheduled,
    input: 'x',
  })
  for (let hour = 0; hour < 6; hour += 1) {
    env.crashAfter('workflow_started')
    await env.advance('1h')
  }
  await env.advance('3h')
  const times = await timesOf(env.client, 'hourly')
  expect(times).toHaveLength(9)
  expect(new Set(times).size).toBe(9)
})
