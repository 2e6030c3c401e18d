/**
 * Workflows that ask for many brief activities at once, in a world with the eager lane: whatever is lost there, some of
 * them are young, and in memory alone.
 */
import type { Instruction, Program } from './instructions.ts'
import type { Random } from './random.ts'
import type { Act, Action } from './scenario.ts'

const SOME = 0.25
const MOST_RUNS = 3
const MOST_ROUNDS = 6
const MOST_AT_ONCE = 10
const WITHIN_MS = 60_000
/** None of the other actions waits for these. */
const SENDER = 3

/** What clients do in such a world beside everything else; null: it is not one. */
export function fanOutsOf(random: Random): Action[] | null {
  if (!random.chance(SOME)) return null
  const draw = new FanOut(random)
  return Array.from({ length: 1 + random.int(MOST_RUNS) }, (_, index) =>
    draw.actions(`fan out ${index}`),
  ).flat()
}

class FanOut {
  readonly #random: Random
  #keys = 0

  constructor(random: Random) {
    this.#random = random
  }

  actions(workflowId: string): Action[] {
    const random = this.#random
    const startAt = random.int(WITHIN_MS / 2)
    const meets = (['cancel', 'terminate', 'pause', 'reset'] as const).filter(() => random.chance(0.1))
    const acts: Act[] = meets.flatMap((kind): Act[] => {
      if (kind === 'reset') return [{ kind, workflowId, toEvent: 1 + random.int(20) }]
      return kind === 'pause'
        ? [
            { kind, workflowId },
            { kind: 'resume', workflowId },
          ]
        : [{ kind, workflowId }]
    })
    const later = acts.map((act) => ({ ...act, atMs: startAt + random.int(WITHIN_MS / 2), by: SENDER }))
    const start = { kind: 'start', workflowId, program: this.#program(), atMs: startAt, by: SENDER } as const
    return [start, ...later.toSorted((one, other) => one.atMs - other.atMs)]
  }

  #program(): Program {
    const random = this.#random
    const rounds = Array.from({ length: 1 + random.int(MOST_ROUNDS) }, () => this.#round())
    const id = this.#key('fan')
    return {
      id,
      body: rounds.flat(),
      handles: [],
      updateSleepsMs: 0,
      cleansUp: random.chance(0.3),
      failsRuns: 0,
    }
  }

  #round(): Instruction[] {
    const random = this.#random
    const parts = Array.from({ length: 2 + random.int(MOST_AT_ONCE - 1) }, () => this.#activity())
    const kind = random.pick(['all', 'all', 'all', 'all', 'race', 'scope', 'cancel_scope'] as const)
    const patienceMs = 1 + random.int(1_000)
    const round: Instruction =
      kind === 'scope'
        ? { do: kind, parts, timeoutMs: patienceMs }
        : kind === 'cancel_scope'
          ? { do: kind, part: { do: 'all', parts }, afterMs: patienceMs }
          : { do: kind, parts }
    return random.chance(0.5) ? [round, { do: 'sleep', ms: 1 + random.int(10_000) }] : [round]
  }

  /** One that lasts a second gives rows to all that come in the next minute: it is rare. */
  #activity(): Instruction {
    const random = this.#random
    const fails = random.chance(0.1) ? 1 : 0
    const takesMs = random.chance(0.02) ? 1_000 + random.int(2_000) : random.int(900)
    const cancellation = random.pick([undefined, 'wait', 'try', 'abandon'] as const)
    return {
      do: 'activity',
      brief: true,
      key: this.#key('b'),
      fails,
      takesMs,
      ...(cancellation && { cancellation }),
      ...(random.chance(0.05) && { handedOverMs: random.int(2_000) }),
    }
  }

  #key(prefix: string): string {
    this.#keys += 1
    return `${prefix}${this.#keys}`
  }
}
