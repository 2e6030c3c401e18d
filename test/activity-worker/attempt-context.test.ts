import { expect, test } from 'vitest'
import { AttemptContext } from '../../activity-worker/attempt-context.ts'
import type { Heartbeat } from '../../activity-worker/heartbeat.ts'
import { Interruption } from '../../activity-worker/interruption.ts'
import { CancelledError } from '../../shared/errors.ts'
import { realTime } from '../../shared/time.ts'
import { attempt, granted } from './recorded-scheduler.ts'

test('the context of an activity may be taken apart', async () => {
  const beats: Heartbeat[] = []
  const interruption = new Interruption(realTime)
  const claimed = attempt(interruption, {
    grant: granted({ deadlineAt: 5_000 }),
    beat: async (heartbeat) => void beats.push(heartbeat),
  })
  const { heartbeat: beat, completeLater, cancellation, deadline } = new AttemptContext(claimed, undefined)
  await beat({ done: 1 })
  expect(beats).toEqual([{ details: { done: 1 } }])
  expect(completeLater).toThrow('TASK_TOKEN_KEYS')
  expect(deadline).toEqual(new Date(5_000))
  interruption.interrupt(new CancelledError())
  expect(cancellation.reason).toBeInstanceOf(CancelledError)
})
