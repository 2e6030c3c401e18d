/**
 * Which workflow the running code belongs to. The platform's AsyncLocalStorage is injected, so that nothing here
 * imports a platform module.
 */
import type { Coroutine } from './coroutine.ts'
import type { Scope } from './scope.ts'

/** `workflow`: deterministic globals and ctx calls. The others: no ctx calls; in a step the world is real. */
export type Frame =
  | {
      readonly mode: 'workflow' | 'query' | 'validator'
      readonly coroutine: Coroutine
      readonly scope: Scope
    }
  | { readonly mode: 'step' }

export interface AsyncContext {
  run<T>(frame: Frame, fn: () => T): T
  current(): Frame | undefined
}
