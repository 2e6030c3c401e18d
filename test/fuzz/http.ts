/** The HTTP API of the scheduler and of the archiver, and what a Worker on Node makes of answers. */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { HttpScheduler } from '../../activity-worker/http.ts'
import { answer } from '../../archiver/http.ts'
import { optionsOf } from '../../archiver/options.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import { site } from '../../scheduler-do/http/app.ts'
import { realChance } from '../../shared/chance.ts'
import { refusalError } from '../../shared/refusal.ts'
import type { Json } from '../../shared/payload.ts'
import { MockableActivities } from '../../testing/activities.ts'
import { outsideTime, world } from '../../testing/platform.ts'
import { migrations } from '../../testing/simulated/migrations.ts'
import { simulatedPlatform } from '../../testing/simulated/platform.ts'
import { MemoryBucket } from './bucket.ts'
import { hostileJson, hostileText, hostileValue } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { awaitedVerdict, holds, target, verdictOf } from './target.ts'
import type { Target, Verdict } from './target.ts'
import { pollBodies, renewBodies, settleBodies } from './tokens.ts'

const platform = await simulatedPlatform({
  workflows: [],
  activities: new MockableActivities([]),
  taskQueues: undefined,
  shards: 8,
  startAt: 1_767_268_800_000,
  graceMs: 1,
})
const env = {
  SCHEDULER: platform.namespace(null),
  ARCHIVE: platform.bucket,
  API_TOKEN: 't',
  TASK_TOKEN_KEYS: 'a-key-of-thirty-two-characters-or-more',
}
const runtime = {
  world,
  time: outsideTime,
  callerTime: outsideTime,
  letIn: () => Promise.resolve(),
  chance: realChance,
  fetch: () => Promise.reject(new Error('nobody asked for this')),
  abortUndoes: false,
  migrations: await migrations(),
  sha256: (content: Uint8Array) => createHash('sha256').update(content).digest('hex'),
}
const config = readConfig({ workflows: [], taskQueues: { default: { pull: true } } }, env, runtime)

const key = `payload/default/0/01JDQH8Z5K3V7W9X2Y4A6B8C01/${'a1'.repeat(32)}`
const verb = (name: string) => fc.constant(`/api/v1/task-queues/default/${name}`)
const request = fc.oneof(
  fc.tuple(verb('poll'), mutatedJson(pollBodies).map(unhurried)),
  fc.tuple(verb('renew'), mutatedJson(renewBodies)),
  fc.tuple(verb('settle'), mutatedJson(settleBodies)),
  fc.tuple(fc.oneof(verb('settle'), verb('renew'), verb('poll')), hostileJson.map(unhurried)),
  fc.tuple(mutatedText(fc.constant(`/api/v1/payloads/${key}`)), hostileJson),
  fc.tuple(mutatedText(fc.constant('/api/v1/task-queues/default/poll')), hostileJson),
  fc.tuple(
    hostileText.map((text) => `/api/v1/payloads/${text}`),
    hostileJson,
  ),
)

/** A poll that waits is no hang. */
function unhurried(json: Json): Json {
  return typeof json === 'object' && json !== null && 'waitMs' in json ? { ...json, waitMs: 0 } : json
}

function bodyOf(json: Json): string {
  try {
    return JSON.stringify(json)
  } catch {
    return '{"tasks":'.repeat(100_000) + '1' + '}'.repeat(100_000) // nested too deep for JSON.stringify
  }
}

const CONTROL = /[\0-\x20\u007f]/g

async function asked(path: string, method: string, body: string): Promise<Verdict> {
  const url = `http://x${path
    .toWellFormed()
    .replaceAll(CONTROL, '')
    .replaceAll(/[?#\\]/g, '')}`
  if (!URL.canParse(url) || url.length > 5_000) return 'refused'
  const init = { method, headers: { authorization: 'Bearer t' }, ...(method !== 'GET' && { body }) }
  const reply = await site.fetch(new Request(url, init), { configured: () => config })
  const text = await reply.text()
  holds(reply.status !== 500, `500 to ${method} ${path}: ${text.slice(0, 300)}`)
  if (reply.ok) return 'accepted'
  const { status, code } = JSON.parse(text) as { status?: unknown; code?: unknown }
  holds(status === reply.status && typeof code === 'string', `a refusal is a problem: ${text.slice(0, 300)}`)
  return 'refused'
}

/** What a scheduler answers, or something between here and there. */
const replies = fc.oneof(
  mutatedJson(fc.constant<Json>([])).map(bodyOf),
  mutatedJson(fc.constant<Json>({ status: 503, code: 'overloaded', detail: 'm', path: 'p' })).map(bodyOf),
  hostileText,
)

const options: Json = {
  taskQueues: { default: { pull: true }, slow: { pull: true, ratePerSecond: 5 } },
  searchAttributes: { customer: 'keyword', total: 'number' },
  shards: 8,
  retention: { hot: '1d', warm: '30d', cold: true, types: { order: { hot: '1h' } } },
  version: 'v2',
  versions: { v1: [] },
  ramp: { version: 'v1', percent: 10 },
  cdc: false,
}

export const httpTargets: readonly Target[] = [
  target(
    { name: 'http-scheduler', weight: 10 },
    fc.tuple(request, fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT')),
    ([[path, json], method]) => asked(path, method, bodyOf(json)),
  ),
  target(
    { name: 'http-replies', weight: 20 },
    fc.tuple(replies, fc.constantFrom(200, 400, 404, 500, 503)),
    ([text, status]) => {
      const fetch = () => Promise.resolve(new Response(text, { status }))
      return awaitedVerdict(async () => {
        const scheduler = new HttpScheduler({ url: 'http://s', token: 't', fetch }, 'default')
        const reply = await scheduler.poll({ claimId: 'c', poller: 'p', limit: 1, waitMs: 0 })
        if (!reply.ok) throw refusalError(reply)
      })
    },
  ),
  target(
    { name: 'http-archiver', weight: 10 },
    fc.tuple(
      fc.constantFrom('/archive/rebuild', '/iceberg/hot'),
      mutatedJson(fc.constant<Json>({ namespace: 'default', shard: 0, cursor: 'c' })),
      mutatedText(fc.constant('default/abc')),
    ),
    async ([path, json, cursor]) => {
      const bucket = new MemoryBucket()
      const given = {
        ARCHIVE: bucket.binding,
        WORKFLOWS: {} as never,
        API_TOKEN: 't',
        NAMESPACES: 'a,default',
      }
      const headers = { authorization: 'Bearer t' }
      const url = new URL(path, 'http://x')
      url.searchParams.set('cursor', cursor)
      const init = path === '/iceberg/hot' ? { headers } : { method: 'POST', headers, body: bodyOf(json) }
      const reply = await answer(new Request(url, init), given, optionsOf({}))
      const { code } = await reply.json<{ code?: string }>()
      holds(bucket.fingerprint === '', 'nothing is written')
      // There is no scheduler: what passes the checks fails there.
      return code === 'internal' ? 'accepted' : 'refused'
    },
  ),
  target(
    { name: 'config' },
    fc.tuple(
      fc.oneof(mutatedJson(fc.constant(options)), hostileJson),
      fc.oneof(hostileValue, fc.constant('8')),
    ),
    ([given, shards]) =>
      verdictOf(() => {
        if (typeof given !== 'object' || given === null || Array.isArray(given)) return
        readConfig({ workflows: [], ...given }, { ...env, SHARDS: shards }, runtime)
      }),
  ),
]
