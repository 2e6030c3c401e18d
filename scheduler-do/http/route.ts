/**
 * A route as the file of its subject writes it. What is checked of a request and what the document says of it come from
 * the same shapes.
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import type { Scope } from '../../shared/auth.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { Shape } from '../shapes.ts'
import type { Caller } from '../auth.ts'
import type { SchedulerConfig } from '../config.ts'
import type { Asked } from './namespaces.ts'

export interface HttpEnv {
  Bindings: { configured: () => SchedulerConfig }
  Variables: { config: SchedulerConfig; caller: Caller }
}

type Fields = z.ZodMiniObject

/** What a request says, checked. */
export interface RouteRequest<P, Q, B> extends Asked {
  readonly params: P
  readonly query: Q
  readonly body: B
  /** Its Idempotency-Key, or one of its own: the id of what it does, where its body names none. */
  readonly key: string
  readonly c: Context<HttpEnv>
}

export interface Route<
  P extends Fields = Fields,
  Q extends Fields = Fields,
  B extends Shape<unknown> = Shape<unknown>,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below `/api/v1`; `root` says that it is not. A parameter in braces is a segment, and `{+name}` all that is left. */
  readonly path: `/${string}`
  readonly root?: true
  readonly scope: Scope
  /** What generated clients call it. */
  readonly id: string
  readonly summary: string
  readonly description?: string
  readonly params?: P
  readonly query?: Q
  /** JSON; a request without a body has an empty one. */
  readonly body?: B
  /** Instead: the content type of a body that `serve` reads by itself. */
  readonly upload?: string
  /** A body, for people. */
  readonly example?: unknown
  /** Whether the header Idempotency-Key stands for an id that the body does not name. */
  readonly keyed?: true
  /** Null: nothing (204). */
  readonly answer: Shape<unknown> | null
  /** Whether there may be nothing to answer (204). */
  readonly sometimes?: true
  /** Of the answer. Default: JSON. */
  readonly media?: string
  /** What else may be answered, by its content type. */
  readonly others?: Readonly<Record<string, Shape<unknown>>>
  serve(request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>>): Promise<Reply<unknown> | Response>
}

export function route<
  P extends Fields = Fields,
  Q extends Fields = Fields,
  B extends Shape<unknown> = Shape<unknown>,
>(given: Route<P, Q, B>): Route {
  return given
}
