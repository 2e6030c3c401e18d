/** Many calls in one request, each of which is answered as soon as its own answer is there. */
import { stream } from 'hono/streaming'
import * as z from 'zod/mini'
import type { Reply } from '../../shared/protocol.ts'
import { OPERATIONS } from '../../shared/http-calls.ts'
import type { HttpTold } from '../../shared/http-calls.ts'
import { MAX_TOGETHER } from '../../shared/together.ts'
import { listOf, said, whole } from '../shapes.ts'
import { beyond, requestFor } from './answer.ts'
import { messageRoutes } from './messages.ts'
import { gatheredShards } from './namespaces.ts'
import { problemOf, problemShape, refusalOfThrown } from './problem.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { runRoutes } from './runs.ts'
import { workflowRoutes } from './workflows.ts'

const optional = z.exactOptional

const ids: readonly string[] = Object.values(OPERATIONS).map(({ id }) => id)
const operations = new Map(
  [...workflowRoutes, ...runRoutes, ...messageRoutes]
    .filter(({ id }) => ids.includes(id))
    .map((one) => [one.id, one]),
)

const fields = z.record(z.string(), z.unknown())
const query = fields.check(
  z.refine((given) => !Object.hasOwn(given, 'namespace'), {
    path: ['namespace'],
    error: 'in the query of the request itself',
  }),
)
const call = said(
  z.object({
    operation: said(z.enum([...operations.keys()]), { description: 'By its operationId.' }),
    params: said(optional(fields), { description: 'Those of its path.' }),
    query: said(optional(query), {
      description: 'Numbers and booleans may be such, too. The namespace is that of the request.',
    }),
    body: optional(z.unknown()),
  }),
  { id: 'Call' },
)
const place = said(whole(0), { description: 'Of the call in the request, from 0.' })
const told = said(
  z.union([z.object({ place, problem: problemShape }), z.object({ place, value: optional(z.unknown()) })]),
  { id: 'CallAnswer' },
)

export const callRoutes = [
  route({
    method: 'post',
    path: '/calls',
    scope: 'read',
    id: 'callMany',
    summary: 'Make many calls in one request',
    description:
      'Each line of the answer is an object of JSON with what came of one call, as soon as that is known: in no order. Nothing is undone where one is refused. A call needs the scope of its operation. An Idempotency-Key stands for one of each call, by its place.',
    body: said(z.object({ calls: listOf(call, MAX_TOGETHER).check(z.minLength(1)) }), { id: 'Calls' }),
    example: {
      calls: [
        { operation: 'startWorkflow', body: { workflowType: 'order', workflowId: 'order-7' } },
        { operation: 'workflowResult', params: { workflowId: 'order-6' }, query: { waitMs: 5_000 } },
      ],
    },
    keyed: true,
    answer: told,
    media: 'application/x-ndjson',
    serve: async ({ c, config, namespace, key, body: { calls } }) => {
      const shards = await gatheredShards(config, namespace)
      const answers = new Answers(calls.length)
      for (const [n, { operation, ...parts }] of calls.entries()) {
        const asked = operations.get(operation)
        const given = { ...parts, key: `${key}-${n}` }
        if (asked)
          void answers.take(
            n,
            replyTo(asked, () => ({ ...requestFor(c, asked, given), shards })),
          )
      }
      c.header('content-type', 'application/x-ndjson')
      c.header('x-accel-buffering', 'no') // nginx keeps lines until it has a page of them
      return stream(c, async (lines) => {
        for await (const text of answers.lines()) await lines.write(text)
      })

      async function replyTo(one: Route, request: () => Parameters<Route['serve']>[0]) {
        const refused = beyond(c, one.scope)
        if (refused) return refused
        const reply = (await one.serve(request())) as Reply<unknown> // none of these answers with a stream
        return reply.ok && one.answer === null ? { ok: true as const, value: undefined } : reply
      }
    },
  }),
]

/** Lines, told in the moment in which they come. */
class Answers {
  #left: number
  #ready = ''
  #wake = () => {}

  constructor(calls: number) {
    this.#left = calls
  }

  async take(n: number, answer: Promise<Reply<unknown>>): Promise<void> {
    const reply = await answer.catch(refusalOfThrown)
    const came = reply.ok ? { value: reply.value } : { problem: problemOf(reply) }
    const line = { place: n, ...came } as HttpTold // JSON, as all that a shard answers
    this.#ready += `${JSON.stringify(line)}\n`
    this.#left -= 1
    this.#wake()
  }

  async *lines(): AsyncGenerator<string> {
    while (this.#left > 0 || this.#ready !== '') {
      if (this.#ready === '') await new Promise<void>((resolve) => (this.#wake = resolve))
      const text = this.#ready
      this.#ready = ''
      yield text
    }
  }
}
