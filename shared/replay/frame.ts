/**
 * Which workflow the running code belongs to. The platform's AsyncLocalStorage is injected, so that nothing here
 * imports a platform module.
 */
import type { Coroutine } from './coroutine.ts'
import type { Scope } from './scope.ts'

/** Whose code it is. The platform keeps what an async context was entered with until its next full collection. */
export interface Whose {
  /** Of a run that has ended: who stands in for it, so that its code and all that this holds can be let go. */
  coroutine: Coroutine
}

/** `workflow`: deterministic globals and ctx calls. The others: no ctx calls; in a step the world is real. */
export type Frame =
  | {
      readonly mode: 'workflow' | 'query' | 'validator'
      readonly whose: Whose
      /** Null: the root scope of its run. */
      readonly scope: Scope | null
    }
  | { readonly mode: 'step' }

export interface AsyncContext {
  run<T>(frame: Frame, fn: () => T): T
  current(): Frame | undefined
}

/** Of code of a run. Nothing of the run is left in it when somebody else stands in for that. */
export function frameOf({ whose, root }: Coroutine, scope: Scope): Frame {
  return { mode: 'workflow', whose, scope: scope === root ? null : scope }
}
