/**
 * `npm run rebuild`: gives shards that lost their storage the locators of their archived runs back, out of the objects
 * in R2. What a shard still knows stays as it is.
 *
 *   npm run rebuild -- --url https://perdure-scheduler.example.workers.dev [--namespace default] [--token TOKEN]
 */
import { parseArgs } from 'node:util'

interface Answer {
  shards: number
  batches: number
  runs: number
  cursor?: string
}

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:8787' },
    namespace: { type: 'string', default: 'default' },
    token: { type: 'string', default: process.env['API_TOKEN'] ?? 'dev' },
  },
})

const total = { shards: 0, batches: 0, runs: 0 }
try {
  await rebuildAll()
  console.log(JSON.stringify(total))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function rebuildAll(): Promise<void> {
  for (let shard = 0, shards = 1; shard < shards; shard++) {
    let cursor: string | undefined
    do {
      const answer = await ask({ namespace: options.namespace, shard, cursor })
      shards = total.shards = answer.shards
      total.batches += answer.batches
      total.runs += answer.runs
      cursor = answer.cursor
    } while (cursor !== undefined)
    console.error(`shard ${shard}: ${total.batches} batches, ${total.runs} runs so far`)
  }
}

async function ask(body: { namespace: string; shard: number; cursor: string | undefined }): Promise<Answer> {
  const response = await fetch(new URL('/archive/rebuild', options.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${options.token}` },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} from ${options.url}: ${text}`)
  return JSON.parse(text) as Answer // by `archiver/restoring.ts`
}
