/** What activities and steps have really done: a service outside, which no fault reaches. */
import { pause } from '../../shared/time.ts'
import type { Time } from '../../shared/time.ts'

/** One execution of an activity's or a step's function. */
export interface Effect {
  readonly kind: 'activity' | 'step'
  /** The call of the scenario. */
  readonly key: string
  readonly idempotencyKey: string
  readonly attempt: number
  readonly concurrencyKey?: string
  readonly at: number
  endedAt: number
  ended: 'completed' | 'failed' | 'stopped' | 'handed_over' | null
}

/** An attempt that somebody else is to finish. */
export interface Handed {
  readonly token: string
  readonly key: string
  readonly dueAt: number
}

export class Effects {
  readonly time: Time
  readonly all: Effect[] = []
  /** Hears of each attempt that is handed over. */
  onHanded: (handed: Handed) => void = () => {}

  constructor(time: Time) {
    this.time = time
  }

  begin(effect: Omit<Effect, 'at' | 'endedAt' | 'ended'>): Effect {
    const begun: Effect = { ...effect, at: this.time.now(), endedAt: Infinity, ended: null }
    this.all.push(begun)
    return begun
  }

  end(effect: Effect, how: 'completed' | 'failed' | 'stopped' | 'handed_over'): void {
    effect.ended = how
    effect.endedAt = this.time.now()
  }

  hand(effect: Effect, token: string, ms: number): void {
    this.end(effect, 'handed_over')
    this.onHanded({ token, key: effect.key, dueAt: this.time.now() + ms })
  }

  /** Work that takes `ms`, and gives in where it is asked to. */
  async work(ms: number, cancellation: AbortSignal): Promise<void> {
    if (ms > 0) await pause(this.time, ms, cancellation)
    if (cancellation.aborted) throw cancellation.reason
  }
}
