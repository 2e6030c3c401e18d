/** Spans as the platform makes them: structural, since activity Workers import no platform module. */

type Attributes = Record<string, string | number | boolean | undefined>

interface Span {
  /** Whether anybody will see it. */
  readonly isTraced: boolean
  setAttributes(attributes: Attributes): unknown
}

/** `tracing` of `cloudflare:workers`, or of a handler's context. */
export interface Tracing {
  /** The span ends when what `callback` gives is settled. */
  enterSpan<T>(name: string, callback: (span: Span) => T): T
  getActiveSpan(): Span | undefined
}

/** What a handler or an entrypoint is given. */
export interface TracedContext {
  readonly tracing?: Tracing
}

/** The same, while somebody sees what it makes: to enter a span costs more than most steps do, also where nobody does. */
export function whereTraced(tracing: Tracing | undefined): Tracing | undefined {
  return tracing?.getActiveSpan()?.isTraced ? tracing : undefined
}

/** `work` in a span of its own, where there is tracing. */
export function inSpan<T>(tracing: Tracing | undefined, name: string, work: (span?: Span) => T): T {
  return tracing ? tracing.enterSpan(name, work) : work()
}
