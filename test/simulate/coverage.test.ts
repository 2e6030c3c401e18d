/** What is generated: every instruction, every action, and every event that a history can have. */
import { expect, test } from 'vitest'
import type { HistoryEventType } from '../../shared/core/events.ts'
import { calmWorld } from './calm.ts'
import { drive } from './drive.ts'
import { instructions, programs } from './facts.ts'
import type { Kind } from './instructions.ts'
import { Random } from './random.ts'
import { recordedRuns, recordedShards } from './recorded.ts'
import { generate } from './scenario.ts'
import type { Act, Scenario } from './scenario.ts'

/** With what is rare, so that not every change waits for some hundred worlds; the others are for when these have it no longer. */
const RARE = [89, 356, 239, 271, 103]
const SEEDS = new Set([...RARE, ...Array.from({ length: 600 }, (_, index) => index + 1)])

const EVENTS: Record<HistoryEventType, true> = {
  workflow_started: true,
  start_delay_elapsed: true,
  workflow_cancel_requested: true,
  activity_completed: true,
  activity_failed: true,
  activity_timed_out: true,
  activity_cancelled: true,
  step_completed: true,
  step_failed: true,
  step_cancelled: true,
  timer_fired: true,
  signal_received: true,
  update_accepted: true,
  child_started: true,
  child_start_failed: true,
  child_completed: true,
  child_failed: true,
  child_cancelled: true,
  child_timed_out: true,
  child_terminated: true,
  external_signal_delivered: true,
  external_signal_failed: true,
  external_cancel_delivered: true,
  external_cancel_failed: true,
  activity_scheduled: true,
  activity_cancel_requested: true,
  step_scheduled: true,
  step_cancel_requested: true,
  timer_started: true,
  timer_cancelled: true,
  child_requested: true,
  child_cancel_requested: true,
  external_signal_requested: true,
  external_cancel_requested: true,
  update_completed: true,
  update_failed: true,
  memo_upserted: true,
  search_attributes_upserted: true,
  patch_recorded: true,
  workflow_completed: true,
  workflow_failed: true,
  workflow_cancelled: true,
  workflow_continued_as_new: true,
  workflow_terminated: true,
  workflow_timed_out: true,
  signals_discarded: true,
  workflow_reset: true,
  workflow_paused: true,
  workflow_resumed: true,
  carried_child_started: true,
  carried_child_closed: true,
}
const EVENT_TYPES = Object.keys(EVENTS)

const KINDS: Record<Kind, true> = {
  activity: true,
  step: true,
  sleep: true,
  signal: true,
  collect: true,
  condition: true,
  child: true,
  external_signal: true,
  external_cancel: true,
  patched: true,
  memo: true,
  attribute: true,
  compensate: true,
  all: true,
  race: true,
  shield: true,
  scope: true,
  cancel_scope: true,
}
const ACTIONS: Record<Act['kind'], true> = {
  start: true,
  signal_with_start: true,
  signal: true,
  update: true,
  query: true,
  describe: true,
  cancel: true,
  terminate: true,
  pause: true,
  resume: true,
  reset: true,
  schedule: true,
}

const scenarios = Array.from(SEEDS, (seed) => generate(new Random(seed)))

test('every instruction and every action', () => {
  const kinds = new Set<string>()
  for (const scenario of scenarios) for (const kind of kindsOf(scenario)) kinds.add(kind)
  expect([...kinds].toSorted()).toEqual(
    [...Object.keys(KINDS), ...Object.keys(ACTIONS).map((kind) => `to ${kind}`)].toSorted(),
  )
})

test('a scenario is plain JSON, the same for its seed', () => {
  const scenario = generate(new Random(1))
  expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario)
  expect(generate(new Random(1))).toEqual(scenario)
})

/** Until all have been seen. */
test('every type of event that there is', async () => {
  const missing = new Set(EVENT_TYPES)
  for (const scenario of scenarios) {
    for (const type of await typesOf(scenario)) missing.delete(type)
    if (missing.size === 0) break
  }
  expect([...missing]).toEqual([])
})

async function typesOf(scenario: Scenario): Promise<string[]> {
  const world = await calmWorld()
  try {
    await drive(world, scenario)
    const runs = recordedRuns(recordedShards(world))
    return runs.flatMap(({ events }) => events.map(({ type }) => type))
  } finally {
    world.end()
  }
}

function kindsOf(scenario: Scenario): string[] {
  const calls = [...programs(scenario)].flatMap((program) => [...instructions(program)])
  return [...calls.map((call) => call.do), ...scenario.actions.map(({ kind }) => `to ${kind}`)]
}
