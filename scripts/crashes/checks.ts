/** What is wrong at the end, in words; nothing, if all is well. */
import type { CrashesApi, ReadRun } from './api.ts'
import { childrenOf, effectsOf, expected, type Plan } from './plan.ts'
import type { Sink } from './sink.ts'

/** Each run is there once and complete; each signal is in its history once, and no other. */
export function runsWrong(
  plan: Plan,
  reads: readonly ReadRun[],
  count: CrashesApi['/count']['answer'],
): string[] {
  const runs = plan.ids.length + childrenOf(plan).length
  const tooMany = count.runs === runs ? [] : [`${count.runs} runs instead of ${runs}`]
  const main = new Set(plan.ids)
  return [
    ...tooMany,
    ...reads.flatMap((read) => (main.has(read.workflowId) ? runWrong(read, plan) : childWrong(read))),
  ]
}

function runWrong(read: ReadRun, { chapters }: Plan): string[] {
  const { result, signals } = expected(read.workflowId, chapters)
  const wrong = differs(read.result, result) ? [`result ${JSON.stringify(read.result)}`] : []
  if (differs(read.signals.toSorted(), signals.toSorted())) wrong.push(`signals ${read.signals.join()}`)
  return [...wrong.map((what) => `${read.workflowId}: ${what}`), ...childWrong(read)]
}

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}

function childWrong({ workflowId, status, tier, starts }: ReadRun): string[] {
  const wrong = status === 'completed' ? [] : [status]
  if (tier === 'hot') wrong.push('not archived')
  if (starts !== 1) wrong.push(`${starts} starts`)
  return wrong.map((what) => `${workflowId}: ${what}`)
}

/** As many keys as effects: none is missing, and none was made under another key again. */
export function effectsWrong(plan: Plan, { attempts, shared }: Sink): string[] {
  const effects = effectsOf(plan)
  const wrong = attempts.size === effects ? [] : [`${attempts.size} effects instead of ${effects}`]
  return [...wrong, ...Array.from(shared, (key) => `${key} is of two workflows`)]
}

/** Every event of every history, numbered without a gap in its shard. */
export function shardsWrong(changes: Sink['changes'], events: number): string[] {
  const wrong = Array.from(changes).flatMap(([shard, sequences]) => {
    const last = Math.max(...sequences.keys())
    return last === sequences.size ? [] : [`shard ${shard}: ${last - sequences.size} change events missing`]
  })
  const { changeEvents } = changesOf(changes)
  return changeEvents === events ? wrong : [...wrong, `${changeEvents} change events of ${events} events`]
}

export function changesOf(changes: Sink['changes']): { changeEvents: number; changeEventsTwice: number } {
  const times = Array.from(changes.values()).flatMap((sequences) => Array.from(sequences.values()))
  return { changeEvents: times.length, changeEventsTwice: times.filter((time) => time > 1).length }
}
