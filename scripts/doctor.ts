/**
 * `npm run doctor`: asks every shard of a running namespace whether its rows agree with each other, page by page, while it
 * serves. docs/guide/doctor.md has each finding, and what to do.
 *
 *   npm run doctor -- --url https://perdure-scheduler.example.workers.dev [--namespace default] [--token TOKEN]
 *     --repair   mends what can be mended
 *     --json     one line of JSON on stdout, for programs; the table goes to stderr
 *
 * Exit code 0: all is well, or was mended. 1: something is broken, or could not be asked.
 */
import { parseArgs } from 'node:util'
import type { Finding, ToldHealth } from '../shared/health.ts'
import type { Reply } from '../shared/protocol.ts'

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:8787' },
    namespace: { type: 'string', default: 'default' },
    token: { type: 'string', default: process.env['API_TOKEN'] ?? 'dev' },
    repair: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

type Told = Finding & { shard: number }

const report = { shards: 0, runs: 0, events: 0, findings: [] as Told[] }
try {
  await examineAll()
  show()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function examineAll(): Promise<void> {
  for (let shard = 0, shards = 1; shard < shards; shard++) {
    let cursor: string | undefined
    do {
      const page = await ask(shard, cursor)
      shards = report.shards = page.shards
      report.runs += page.runs
      report.events += page.events
      report.findings.push(...page.findings.map((finding) => ({ shard, ...finding })))
      cursor = page.cursor
    } while (cursor !== undefined)
  }
}

async function ask(shard: number, cursor: string | undefined): Promise<ToldHealth> {
  const { url, namespace, repair, token } = options
  const response = await fetch(new URL('/api/health', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ namespace, shard, cursor, repair }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${text}`)
  const reply = JSON.parse(text) as Reply<ToldHealth> // by `scheduler-do/http.ts`
  if (!reply.ok) throw new Error(`${reply.code}: ${reply.message}`)
  return reply.value
}

function show(): void {
  const { shards, runs, events, findings } = report
  const broken = findings.filter(({ repaired }) => repaired !== true).length
  const say = options.json ? console.error : console.log
  for (const { shard, code, workflowId = '', runId = '', what, repaired } of findings)
    say([`shard ${shard}`, code.padEnd(17), state(repaired), workflowId, runId, what].join('  '))
  say(
    `${shards} shards, ${runs} runs, ${events} events: ${findings.length} findings, ${broken} of them broken`,
  )
  if (options.json) console.log(JSON.stringify({ ...report, broken }))
  if (broken > 0) process.exitCode = 1
}

function state(repaired: boolean | undefined): string {
  if (repaired === true) return 'mended '
  return repaired === false ? 'not yet' : 'broken '
}
