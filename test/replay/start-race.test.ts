import { expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { replayed, Run, signalled } from './driver.ts'
import { recorded } from './recordings.ts'
import { startRace } from './start-race.ts'

const FILE = 'activity-start-race.jsonl'

test('80 bugs/activity_start_race: a history whose activity ended in the turn that scheduled it replays cleanly', async () => {
  const { header, history } = recorded(FILE)
  const place = (type: string) => history.findIndex((event) => event.type === type)
  expect(history[place('activity_completed')]?.at).toBe(history[place('activity_scheduled')]?.at)
  expect(place('activity_completed')).toBeLessThan(place('signal_received'))
  for (let length = 2; length <= history.length; length += 1) {
    // Cut where the code has been asked for all that it says: a turn ends there.
    if (history[length]?.type.endsWith('_scheduled') || history[length]?.type === 'workflow_completed')
      continue
    const coroutine = await replayed(startRace, history.slice(0, length), header)
    expect(coroutine.violation).toBeNull()
  }
  const other = workflow('startRace', async (ctx) => ctx.activity('late'))
  await expect(replayed(other, history, header)).rejects.toMatchObject({ code: 'nondeterminism', eventId: 2 })
})

test('and this release still records it so', async () => {
  const { header, history } = recorded(FILE)
  const run = new Run(startRace, header)
  await run.give(...startRaceInputs(run))
  await run.complete(2, 'second')
  expect(run.types).toEqual(history.map(({ type }) => type))
})

/** One batch: the start, the end of the activity it schedules, and the signal. */
function startRaceInputs(run: Run): Parameters<Run['give']> {
  const start = {
    type: 'start_workflow',
    workflowType: run.definition.name,
    taskQueue: 'default',
    version: 'test',
    requestId: 'request-1',
  } as const
  const end = { kind: 'completed', result: 'first' } as const
  return [start, { type: 'resolve_activity', seq: 1, attempt: 1, end }, signalled('go', 'go')]
}
