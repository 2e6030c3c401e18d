/** Health: one page of one shard a request. */
import * as z from 'zod/mini'
import type { AskedHealth, FindingCode, ToldHealth } from '../../shared/health.ts'
import { said, whole } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { shardAt, shardsOf } from './namespaces.ts'
import { route } from './route.ts'

const optional = z.exactOptional
const MAX_CURSOR = 2_000

const asked: Shape<AskedHealth> = said(
  z.object({
    shard: whole(0),
    cursor: optional(z.string().check(z.maxLength(MAX_CURSOR))),
    repair: said(optional(z.boolean()), { description: 'Mend what can be mended.' }),
  }),
  { id: 'HealthRequest' },
)

const told: Shape<ToldHealth> = said(
  z.object({
    shards: whole(1),
    findings: z.array(
      z.object({
        code: said(z.custom<FindingCode>(), { type: 'string' }),
        workflowId: optional(z.string()),
        runId: optional(z.string()),
        what: z.string(),
        repaired: optional(z.boolean()),
      }),
    ),
    runs: whole(0),
    events: whole(0),
    cursor: optional(z.string()),
  }),
  { id: 'Health' },
)

export const healthRoutes = [
  route({
    method: 'post',
    path: '/health',
    scope: 'admin',
    id: 'checkHealth',
    summary: 'Check that the rows of a shard agree with each other, page by page',
    body: asked,
    example: { shard: 0 },
    answer: told,
    serve: async ({ config, namespace, body: { shard, ...page } }) => {
      const { length: shards } = await (await shardsOf(config, namespace)).all()
      const to = { namespace, shard, shards }
      const reply = await shardAt(config, to).health({ ...page, to })
      return reply.ok ? { ok: true, value: { shards, ...reply.value } } : reply
    },
  }),
]
