import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import type { SchedulePolicy, WorkflowDefinition } from '../../shared/index.ts'
import { client, rejection } from '../conformance/world.ts'
import { brief, hourly, runsOf } from './schedules.ts'

const { schedules } = client

describe('what cannot be is refused, and nothing is written', () => {
  const good = { scheduleId: 'bad', spec: { every: '1h' }, workflow: brief as WorkflowDefinition } as const

  test.each([
    ['spec.cron', { ...good, spec: { cron: 'noon' } }],
    ['spec.timeZone', { ...good, spec: { cron: '@daily', timeZone: 'Mars/Olympus' } }],
    ['spec.every', { ...good, spec: { every: 10 } }],
    ['policy.overlap', { ...good, policy: { overlap: 'sometimes' as 'skip' } }],
    ['policy.catchUpWindow', { ...good, policy: { catchUpWindow: '1s' } }],
    ['policy.overlaps', { ...good, policy: { overlaps: 'skip' } as SchedulePolicy }],
    ['scheduleId', { ...good, scheduleId: '' }],
    ['workflowId', { ...good, workflowId: 'w'.repeat(990) }],
    ['note', { ...good, note: 'n'.repeat(2_001) }],
  ] as const)('%s', async (path, options) => {
    expect(await rejection(schedules.create(options))).toMatchObject({ code: 'invalid_argument', path })
    expect(await rejection(schedules.getHandle('bad').describe())).toMatchObject({
      code: 'schedule_not_found',
    })
  })

  test('a workflow that is not there, a task queue that is not, an input that is too large', async () => {
    const absent = workflow('absent', async () => {})
    const refusals = [
      { ...good, workflow: absent },
      { ...good, taskQueue: 'nowhere' },
      { ...good, input: 'x'.repeat(200_000) },
    ].map((options) => rejection(schedules.create(options)))
    expect(await Promise.all(refusals)).toMatchObject([
      { code: 'unknown_workflow' },
      { code: 'unknown_task_queue', path: 'taskQueue' },
      { code: 'payload_too_large', path: 'input' },
    ])
  })

  test('a range that is none, or that lies ahead', async () => {
    const schedule = await hourly('ranges', brief)
    const from = '2026-01-01T00:00:00Z'
    expect(await rejection(schedule.backfill([{ from, to: '2025-01-01T00:00:00Z' }]))).toMatchObject({
      path: 'ranges[0].to',
    })
    expect(
      await rejection(
        schedule.backfill([
          { from, to: from },
          { from, to: '2099-01-01T00:00:00Z' },
        ]),
      ),
    ).toMatchObject({ path: 'ranges[1].to' })
    expect(await rejection(schedule.backfill([{ from: 'then', to: from }]))).toMatchObject({
      path: 'ranges[0].from',
    })
    expect(await runsOf('ranges')).toEqual([])
    await schedule.delete()
  })
})
