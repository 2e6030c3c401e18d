/** How long closed runs stay in each tier, by workflow type. */
import { toMs } from '../shared/duration.ts'
import type { Duration } from '../shared/duration.ts'
import { checkedChoice, invalid } from '../shared/names.ts'
import type { ClosedBefore } from './store/archive.ts'

/** How long closed runs stay in each tier. */
export interface RetentionRules {
  /** How long a closed run stays in its shard before it is archived: one day by default. */
  hot?: Duration
  /** How long its warm object then serves it, where the cold tier holds it too: 30 days by default. */
  warm?: Duration
  /** Whether it goes to the cold tier, where it stays: true by default. When not, its warm object stays. */
  cold?: boolean
}

/** The rules, and exceptions from them. */
export interface RetentionOptions extends RetentionRules {
  /** Rules of single workflow types; what they leave out is as for the others. */
  types?: Record<string, RetentionRules>
}

export interface Rules {
  readonly hotMs: number
  readonly warmMs: number
  readonly cold: boolean
}

const DAY_MS = 86_400_000
const DEFAULTS: Rules = { hotMs: DAY_MS, warmMs: 30 * DAY_MS, cold: true }

export class Retention {
  readonly #rules: Rules
  readonly #types: ReadonlyMap<string, Rules>

  constructor(options: RetentionOptions = {}) {
    const { types = {}, ...rules } = checkedObject(options, 'retention')
    this.#rules = rulesOf(rules, DEFAULTS, 'retention')
    const own = Object.entries(checkedObject(types, 'retention.types'))
    this.#types = new Map(
      own.map(([type, given]) => [type, rulesOf(given, this.#rules, `retention.types.${type}`)]),
    )
  }

  of(workflowType: string): Rules {
    return this.#types.get(workflowType) ?? this.#rules
  }

  /** Runs that closed before this may leave the hot tier. */
  closedBefore(now: number): ClosedBefore {
    const types = [...this.#types].map(([type, { hotMs }]) => [type, now - hotMs] as const)
    return { at: now - this.#rules.hotMs, types: Object.fromEntries(types) }
  }
}

function rulesOf(given: RetentionRules, defaults: Rules, path: string): Rules {
  const { hot, warm, cold = defaults.cold } = checkedObject(given, path)
  for (const key of Object.keys(given)) checkedChoice(key, ['hot', 'warm', 'cold'], `${path}.${key}`)
  if (typeof cold !== 'boolean') throw invalid(`${path}.cold`, 'true or false', cold)
  return {
    hotMs: hot === undefined ? defaults.hotMs : toMs(hot, `${path}.hot`),
    warmMs: warm === undefined ? defaults.warmMs : toMs(warm, `${path}.warm`),
    cold,
  }
}

function checkedObject<T extends object>(value: T, path: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalid(path, 'an object', value)
}
