/**
 * Which workflow the running code belongs to. The platform's AsyncLocalStorage is injected, so that nothing here
 * imports a platform module.
 */
import type { Coroutine } from './coroutine.ts'
import type { Scope } from './scope.ts'

export interface Frame {
  /** `workflow`: deterministic globals and ctx calls. `step`, `query`: real or frozen world, and no ctx calls. */
  readonly mode: 'workflow' | 'step' | 'query'
  readonly coroutine: Coroutine
  readonly scope: Scope
}

export interface AsyncContext {
  run<T>(frame: Frame, fn: () => T): T
  current(): Frame | undefined
}
