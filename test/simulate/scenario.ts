/**
 * What is simulated, as plain JSON: workflows as trees of instructions, and what clients do at which time. Every action
 * stands for itself, so that a scenario with any of them taken out is one, too.
 */
import { laterActions } from './actions.ts'
import type { Random } from './random.ts'
import { programOf } from './programs.ts'
import type { Program, SignalName } from './instructions.ts'
import type { Names } from './programs.ts'
export interface StartFacts {
  readonly workflowId: string
  readonly program: Program
  readonly idConflict?: 'use-existing' | 'terminate-existing'
  readonly retryRuns?: number
  readonly startDelayMs?: number
  readonly executionTimeoutMs?: number
  readonly runTimeoutMs?: number
}

export type Act =
  | ({ readonly kind: 'start' } & StartFacts)
  | ({ readonly kind: 'signal_with_start'; readonly name: SignalName; readonly payload: string } & StartFacts)
  | {
      readonly kind: 'signal'
      readonly workflowId: string
      readonly name: SignalName
      readonly payload: string
    }
  | { readonly kind: 'update'; readonly workflowId: string; readonly updateId: string; readonly add: number }
  | { readonly kind: 'query' | 'describe'; readonly workflowId: string }
  | { readonly kind: 'cancel' | 'terminate' | 'pause' | 'resume'; readonly workflowId: string }
  | { readonly kind: 'reset'; readonly workflowId: string; readonly toEvent: number }
  | {
      readonly kind: 'schedule'
      readonly scheduleId: string
      readonly program: Program
      readonly everyMs: number
      readonly times: number
    }

/** Actions of one sender happen one after another, each once the one before it was answered. */
export type Action = Act & { readonly atMs: number; readonly by: number }

export interface Scenario {
  readonly actions: readonly Action[]
}

const SENDERS = 3
const MOST_WORKFLOWS = 4
const WITHIN_MS = 90_000

export function generate(random: Random): Scenario {
  const ids = Array.from({ length: 1 + random.int(MOST_WORKFLOWS) }, (_, index) => `w${index}`)
  const names = namesOf(ids)
  const starts = ids.map((workflowId) => startOf(random, workflowId, names))
  const later = laterActions(random, starts, names)
  const acts: Act[] = [...starts.map((start): Act => ({ kind: 'start', ...start })), ...later]
  const actions = acts.map((act): Action => {
    const early = act.kind === 'start' || act.kind === 'schedule'
    const atMs = random.int(early ? WITHIN_MS / 6 : WITHIN_MS)
    return { ...act, atMs, by: random.int(SENDERS) }
  })
  return beside({ actions: [] }, actions)
}

/** The same, with these actions as well. */
export function beside({ actions }: Scenario, others: readonly Action[]): Scenario {
  return { actions: [...actions, ...others].toSorted((one, other) => one.atMs - other.atMs) }
}

function startOf(random: Random, workflowId: string, names: Names): StartFacts {
  const program = programOf(random, names)
  const conflict = random.pick([undefined, undefined, 'use-existing', 'terminate-existing'] as const)
  const retried = program.failsRuns > 0 || random.chance(0.1)
  return {
    workflowId,
    program,
    ...(conflict && { idConflict: conflict }),
    ...(retried && { retryRuns: 1 + random.int(3) }),
    ...(random.chance(0.1) && { startDelayMs: random.int(20_000) }),
    ...(random.chance(0.06) && { executionTimeoutMs: 20_000 + random.int(60_000) }),
    ...(random.chance(0.06) && { runTimeoutMs: 20_000 + random.int(60_000) }),
  }
}

function namesOf(workflowIds: readonly string[]): Names {
  let keys = 0
  return {
    workflowIds,
    childIds: workflowIds.map((id) => `child of ${id}`),
    key: (prefix) => `${prefix}${(keys += 1)}`,
  }
}
