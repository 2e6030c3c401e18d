/** What clients do after they have started the workflows of a scenario. */
import type { Random } from './random.ts'
import { programOf } from './programs.ts'
import type { Names } from './programs.ts'
import { SIGNALS } from './instructions.ts'
import type { Act, StartFacts } from './scenario.ts'

/** By how often they are drawn. */
const KINDS = [
  ...([
    'signal',
    'signal',
    'signal',
    'signal',
    'signal',
    'update',
    'update',
    'query',
    'query',
    'describe',
  ] as const),
  ...(['cancel', 'terminate', 'pause', 'resume', 'reset', 'start', 'signal_with_start', 'schedule'] as const),
]
const MOST = 14

export function laterActions(random: Random, starts: readonly StartFacts[], names: Names): Act[] {
  const acts = Array.from({ length: random.int(MOST) }, () => actOf(random, starts, names))
  // A run that stays paused shows little.
  return acts.flatMap((act): Act[] => {
    if (act.kind !== 'pause' || random.chance(0.1)) return [act]
    return [act, { kind: 'resume', workflowId: act.workflowId }]
  })
}

function actOf(random: Random, starts: readonly StartFacts[], names: Names): Act {
  const kind = random.pick(KINDS)
  const start = random.pick(starts)
  const workflowId = random.chance(0.2) ? random.pick(names.childIds) : start.workflowId
  switch (kind) {
    case 'signal':
      return { kind, workflowId, name: random.pick(SIGNALS), payload: names.key('m') }
    case 'update':
      return { kind, workflowId, updateId: names.key('u'), add: random.int(7) - 1 }
    case 'start':
      return { kind, ...start, program: programOf(random, names) }
    case 'signal_with_start': {
      const message = { name: random.pick(SIGNALS), payload: names.key('m') }
      return { kind, workflowId: start.workflowId, program: programOf(random, names), ...message }
    }
    case 'reset':
      return { kind, workflowId, toEvent: 1 + random.int(8) }
    case 'schedule':
      return {
        kind,
        scheduleId: names.key('every'),
        program: programOf(random, names, 2),
        everyMs: 5_000 + random.int(20_000),
        times: 1 + random.int(3),
      }
    default:
      return { kind, workflowId }
  }
}
