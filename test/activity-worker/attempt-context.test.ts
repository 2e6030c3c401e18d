import { expect, test } from 'vitest'
import { AttemptContext } from '../../activity-worker/attempt-context.ts'
import type { Heartbeat } from '../../activity-worker/heartbeat.ts'
import { Interruption } from '../../activity-worker/interruption.ts'
import { realChance } from '../../shared/chance.ts'
import { CancelledError } from '../../shared/errors.ts'
import { realTime } from '../../shared/time.ts'
import { granted, task } from './recorded-scheduler.ts'

test('the context of an activity may be taken apart', async () => {
  const beats: Heartbeat[] = []
  const interruption = new Interruption(realTime)
  const { heartbeat, completeLater, cancellation, deadline } = new AttemptContext(
    claimed(interruption, beats),
    undefined,
  )
  await heartbeat({ done: 1 })
  expect(beats).toEqual([{ details: { done: 1 } }])
  expect(completeLater).toThrow('TASK_TOKEN_KEYS')
  expect(deadline).toEqual(new Date(5_000))
  interruption.interrupt(new CancelledError())
  expect(cancellation.reason).toBeInstanceOf(CancelledError)
})

function claimed(interruption: Interruption, beats: Heartbeat[]) {
  const owner = { namespace: 'shop', shard: 0, runId: 'run-1' }
  const objects = {
    bucket: null,
    coding: null,
    workflowId: 'order-1',
    owner,
    time: realTime,
    chance: realChance,
  }
  return {
    task: task(),
    grant: granted({ deadlineAt: 5_000 }),
    interruption,
    objects,
    time: realTime,
    beat: async (heartbeat: Heartbeat) => void beats.push(heartbeat),
    limitMs: Infinity,
  }
}
