/** Random workflows. */
import type { Random } from './random.ts'
import { SIGNALS } from './instructions.ts'
import type { ActivityWork, ChildCall, Instruction, Kind, Program, StepWork, Work } from './instructions.ts'

export interface Names {
  /** Of the workflows that clients start. */
  readonly workflowIds: readonly string[]
  /** Of children: more than one may be asked for by the same id. */
  readonly childIds: readonly string[]
  /** A name that nothing else in the scenario has. */
  key(prefix: string): string
}

const NOBODY = 'nobody'
const DEPTH = 2
const GENERATIONS = 2

export function programOf(random: Random, names: Names, generation = 0): Program {
  const draw = new Draw(random, names, generation)
  const body = Array.from({ length: 1 + random.int(4) }, () => draw.instruction(DEPTH))
  const goesOn = generation < GENERATIONS && random.chance(0.15)
  return {
    id: names.key('p'),
    body,
    handles: SIGNALS.filter(() => random.chance(0.25)),
    updateSleepsMs: random.chance(0.5) ? 0 : random.int(5_000),
    cleansUp: random.chance(0.3),
    failsRuns: random.chance(0.12) ? 1 + random.int(2) : 0,
    ...(goesOn && { next: programOf(random, names, generation + 1) }),
  }
}

/** By how often they are drawn. */
const LEAVES: readonly Kind[] = [
  ...(['activity', 'activity', 'activity', 'activity', 'step', 'step', 'sleep', 'sleep'] as const),
  ...([
    'signal',
    'signal',
    'collect',
    'condition',
    'child',
    'child',
    'external_signal',
    'external_signal',
  ] as const),
  ...(['external_cancel', 'patched', 'memo', 'attribute', 'compensate'] as const),
]
const GROUPS = ['all', 'race', 'shield', 'scope', 'cancel_scope'] as const

class Draw {
  readonly #random: Random
  readonly #names: Names
  readonly #generation: number

  constructor(random: Random, names: Names, generation: number) {
    this.#random = random
    this.#names = names
    this.#generation = generation
  }

  instruction(depth: number): Instruction {
    const random = this.#random
    if (depth === 0 || random.chance(0.65)) return this.#leaf()
    const kind = random.pick(GROUPS)
    if (kind === 'cancel_scope')
      return { do: kind, part: this.instruction(depth - 1), afterMs: random.int(20_000) }
    const parts = Array.from({ length: 1 + random.int(3) }, () => this.instruction(depth - 1))
    return kind === 'scope' ? { do: kind, parts, timeoutMs: this.#patience() } : { do: kind, parts }
  }

  #leaf(): Instruction {
    const random = this.#random
    const kind = random.pick(LEAVES)
    switch (kind) {
      case 'activity':
        return { do: kind, ...this.#activity() }
      case 'step':
        return { do: kind, ...this.#step() }
      case 'sleep':
        return { do: kind, ms: random.int(30_000) }
      case 'child':
        return this.#generation < GENERATIONS ? { do: kind, ...this.#child() } : { do: 'sleep', ms: 1 }
      case 'external_signal':
        return { do: kind, to: this.#other(), name: random.pick(SIGNALS), payload: this.#names.key('x') }
      case 'external_cancel':
        return { do: kind, to: this.#other() }
      default:
        return this.#message(kind)
    }
  }

  #message(kind: Kind): Instruction {
    const random = this.#random
    switch (kind) {
      case 'signal':
        return {
          do: kind,
          name: random.pick(SIGNALS),
          ...(random.chance(0.75) && { timeoutMs: this.#patience() }),
        }
      case 'collect':
        return { do: kind, name: random.pick(SIGNALS), count: 1 + random.int(3), timeoutMs: this.#patience() }
      case 'condition':
        return { do: kind, handled: random.int(3), timeoutMs: this.#patience() }
      case 'patched':
        return { do: kind, id: `patch-${random.int(3)}` }
      case 'memo':
        return { do: kind, value: random.int(100) }
      case 'attribute':
        return { do: kind, value: random.int(100) }
      default:
        return { do: 'compensate', key: this.#names.key('undo') }
    }
  }

  #work(prefix: string): Work {
    const random = this.#random
    const fails = random.pick([0, 0, 0, 1, 2])
    return {
      key: this.#names.key(prefix),
      fails,
      ...(random.chance(0.4) && { maxAttempts: 1 + random.int(4) }),
      ...(fails > 0 && random.chance(0.2) && { fatal: true }),
    }
  }

  #activity(): ActivityWork {
    const random = this.#random
    const cancellation = random.pick([undefined, 'wait', 'try', 'abandon'] as const)
    const slow = random.chance(0.3)
    const work = this.#work('a')
    const startToCloseMs = slow && random.chance(0.4) ? 1 + random.int(20_000) : undefined
    const heartbeatMs = slow && random.chance(0.3) ? 8_000 + random.int(10_000) : undefined
    // One that never ends in time is tried again for ever.
    const limited = startToCloseMs !== undefined || heartbeatMs !== undefined
    return {
      ...work,
      ...(limited && { maxAttempts: work.maxAttempts ?? 1 + random.int(4) }),
      ...(cancellation && { cancellation }),
      ...(slow && { takesMs: 1 + random.int(20_000) }),
      ...(startToCloseMs !== undefined && { startToCloseMs }),
      ...(heartbeatMs !== undefined && { heartbeatMs }),
      ...(random.chance(0.15) && { concurrencyKey: random.pick(['one', 'two']) }),
      ...(random.chance(0.1) && { handedOverMs: random.int(20_000) }),
    }
  }

  #step(): StepWork {
    const random = this.#random
    const cancellation = random.pick([undefined, 'wait', 'try', 'abandon'] as const)
    return {
      ...this.#work('s'),
      ...(cancellation && { cancellation }),
      ...(random.chance(0.3) && { takesMs: 1 + random.int(5_000) }),
    }
  }

  #child(): ChildCall {
    const random = this.#random
    const program = programOf(random, this.#names, this.#generation + 1)
    return {
      program,
      ...(random.chance(0.5) && { workflowId: random.pick(this.#names.childIds) }),
      until: random.pick(['asked', 'started', 'ended', 'ended', 'ended', 'ended']),
      ...(random.chance(0.15) && { executionTimeoutMs: 1_000 + random.int(20_000) }),
      policy: random.pick(['terminate', 'cancel', 'abandon']),
      cancellation: random.pick(['wait', 'wait-requested', 'try', 'abandon']),
    }
  }

  #other(): string {
    const { workflowIds, childIds } = this.#names
    const random = this.#random
    if (random.chance(0.1)) return NOBODY
    return random.pick(random.chance(0.2) ? childIds : workflowIds)
  }

  #patience(): number {
    return 1 + this.#random.int(40_000)
  }
}
