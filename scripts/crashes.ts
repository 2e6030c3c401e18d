/**
 * `npm run crashes`: 1,000 runs of every kind of work on local workerd, while the whole runtime is killed ten times at
 * moments that a seed decides, and started again on what it had on disk. At the end every run is complete, nothing that
 * was accepted is lost or there twice, every effect has its one key, and the change events have no gap. Prints figures,
 * one line of JSON last; exit 1 when it is not so.
 *
 *   npm run crashes -- --seed 7 --kills 10 --runs 1000
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { changesOf, effectsWrong, runsWrong, shardsWrong } from './crashes/checks.ts'
import { Crashing, type Life } from './crashes/lives.ts'
import { planOf } from './crashes/plan.ts'
import { openSink } from './crashes/sink.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '10' },
    runs: { type: 'string', default: '1000' },
  },
})
const [seed, kills, runs] = [Number(values.seed), Number(values.kills), Number(values.runs)]
const state = mkdtempSync(join(tmpdir(), 'perdure-crashes-'))
const sink = await openSink()
const crashing = new Crashing({ seed, plan: planOf({ runs, kills }), state, sink, say })
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void crashing.end().finally(() => process.exit(130)))
try {
  process.exitCode = await crash()
} catch (error) {
  console.error(error, `\n--- wrangler ---\n${crashing.output()}`)
  process.exitCode = 1
} finally {
  await crashing.end()
  await sink.close()
  rmSync(state, { recursive: true, force: true })
}

async function crash(): Promise<number> {
  const startedAt = performance.now()
  const lives: Life[] = []
  for (let life = 0; life <= kills; life += 1) lives.push(await crashing.live())
  const { reads, count } = await crashing.settle()
  const { plan } = crashing
  const events = reads.reduce((sum, read) => sum + read.events, 0)
  const wrong = [
    ...runsWrong(plan, reads, count),
    ...effectsWrong(plan, sink),
    ...shardsWrong(sink.changes, events),
  ]
  for (const text of wrong.slice(0, 20)) say(`  ✗ ${text}`)
  const attempts = Array.from(sink.attempts.values())
  const figures = {
    seed,
    kills,
    runs,
    children: reads.length - plan.ids.length,
    signals: reads.reduce((sum, read) => sum + read.signals.length, 0),
    events,
    effects: attempts.length,
    attempts: attempts.reduce((sum, times) => sum + times, 0),
    /** Keys that were asked for again, since whoever asked died before it said so. */
    repeated: attempts.filter((times) => times > 1).length,
    ...changesOf(sink.changes),
    archived: reads.filter(({ tier }) => tier !== 'hot').length,
    /** From the start of wrangler to its first answer; of all lives the longest. */
    bootMs: Math.max(...lives.map(({ bootMs }) => bootMs)),
    /** From there, in the last life, until every run was complete. */
    completedMs: lives.at(-1)?.ms ?? 0,
    wallMs: Math.round(performance.now() - startedAt),
    wrong: wrong.length,
  }
  console.log(JSON.stringify(figures))
  return wrong.length === 0 ? 0 : 1
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
