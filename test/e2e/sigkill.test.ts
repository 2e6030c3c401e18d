/**
 * SIGKILL to the whole local runtime in the middle of the work, then a restart on the same state. Local queues keep
 * their messages in memory only, so all of them are lost: what ends after the restart was dispatched again. Until it
 * has ended only the ledger is asked, so that nothing but its alarm wakes a shard.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSession, WORKERS, type Session } from './session.ts'
import type { LedgerSummary } from './workers/api.ts'

const CALLS_PER_RUN = 10
let state: string
let session: Session

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'perdure-sigkill-'))
  session = await startSession(
    state,
    WORKERS.filter((name) => name !== 'activity-worker'),
  )
})

afterAll(async () => {
  await session?.kill()
  rmSync(state, { recursive: true, force: true })
})

describe('SIGKILL of the whole runtime', () => {
  test('messages that no activity Worker has taken are sent again when their shard wakes', async () => {
    const ids = names('lost-', 20)
    await session.ask('/start', { kind: 'chain', ids, input: 1 })
    await session.kill()
    const restart = await restarted()
    const results = await resultsOf(ids) // wakes them; by themselves they would wake after the minute
    const finishMs = restart.ms()

    expect(results).toEqual(ids.map((workflowId) => ({ workflowId, result: 1 + CALLS_PER_RUN })))
    expect(finishMs).toBeLessThan(30_000) // a lost message is missed after a minute
    report('20 runs without a consumer', { bootMs: restart.bootMs, finishMs })
  })

  test('activities: 200 runs go on, and each effect takes place once', async () => {
    const ids = names('chain-', 200)
    await session.ask('/start', { kind: 'chain', ids, input: 7 })
    const before = await killedAt('chain-', 700)
    const restart = await restarted()
    await ledgerUntil('chain-', ({ keys }) => keys === ids.length * CALLS_PER_RUN)
    const finishMs = restart.ms()
    const results = await resultsOf(ids)
    const after = await session.ask('/effects', { prefix: 'chain-' })

    expect(before.keys).toBeLessThan(ids.length * CALLS_PER_RUN)
    expect(results).toEqual(ids.map((workflowId) => ({ workflowId, result: 7 + CALLS_PER_RUN })))
    expect(after).toMatchObject({ keys: ids.length * CALLS_PER_RUN, workflows: ids.length })
    report('200 runs of 10 activities', { before, after, bootMs: restart.bootMs, finishMs })
  })

  test('inline steps: 50 runs go on, their attempts under way are lost and made again', async () => {
    const ids = names('steps-', 50)
    await session.ask('/start', { kind: 'steps', ids, input: 3 })
    const before = await killedAt('steps-', 150)
    const restart = await restarted()
    await ledgerUntil('steps-', ({ keys }) => keys === ids.length * CALLS_PER_RUN)
    const finishMs = restart.ms()
    const results = await resultsOf(ids)
    const after = await session.ask('/effects', { prefix: 'steps-' })
    const { ended, attempts } = await session.ask('/attempts', { ids })

    expect(before.keys).toBeLessThan(ids.length * CALLS_PER_RUN)
    expect(results).toEqual(ids.map((workflowId) => ({ workflowId, result: 3 + CALLS_PER_RUN })))
    expect(after).toMatchObject({ keys: ids.length * CALLS_PER_RUN, workflows: ids.length })
    expect(ended).toBe(ids.length * CALLS_PER_RUN)
    expect(after.repeated).toBeGreaterThan(0)
    // A repeated call is a lost attempt; one lost before its call repeats nothing.
    expect(attempts - ended).toBeGreaterThanOrEqual(after.repeated)
    const figures = { before, after, bootMs: restart.bootMs, finishMs, attemptsLost: attempts - ended }
    report('50 runs of 10 inline steps', figures)
  })

  test('timers that came due while it was down fire by themselves', async () => {
    const ids = names('timer-', 20)
    const sleepMs = 5_000 // by when all have been started, and the runtime is no more
    await session.ask('/start', { kind: 'timer', ids, input: sleepMs })
    await session.kill()
    const killedAtMs = Date.now()
    await sleep(sleepMs + 100)
    const restart = await restarted()
    const after = await ledgerUntil('timer-', ({ keys }) => keys === ids.length)
    const finishMs = restart.ms()
    const results = await resultsOf(ids)
    const { fired } = await session.ask('/attempts', { ids })

    expect(after).toMatchObject({ keys: ids.length, workflows: ids.length })
    expect(results).toEqual(ids.map((workflowId) => ({ workflowId, result: sleepMs + 1 })))
    expect(fired).toHaveLength(ids.length)
    expect(Math.min(...fired)).toBeGreaterThan(killedAtMs + sleepMs)
    report('20 timers due while down', { after, bootMs: restart.bootMs, finishMs })
  })
})

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

/** Lets the work get on, kills the runtime, and tells how far it had come. */
async function killedAt(prefix: string, keys: number) {
  const reached = await ledgerUntil(prefix, (ledger) => ledger.keys >= keys)
  await session.kill()
  return reached
}

async function ledgerUntil(prefix: string, done: (ledger: LedgerSummary) => boolean): Promise<LedgerSummary> {
  const until = Date.now() + 90_000
  for (;;) {
    const ledger = await session.ask('/effects', { prefix })
    if (done(ledger)) return ledger
    if (Date.now() > until) throw new Error(`stuck at ${JSON.stringify(ledger)}\n${session.output()}`)
    await sleep(10)
  }
}

async function restarted() {
  const startedAt = performance.now()
  session = await startSession(state)
  const readyAt = performance.now()
  return { bootMs: Math.round(readyAt - startedAt), ms: () => Math.round(performance.now() - readyAt) }
}

async function resultsOf(ids: string[]) {
  const results = await session.ask('/results', { ids, waitMs: 30_000 })
  if (results.length < ids.length)
    throw new Error(`${results.length} of ${ids.length} ended\n${session.output()}`)
  return results
}

interface Figures {
  before?: LedgerSummary
  after?: LedgerSummary
  /** From the start of wrangler to its first answer. */
  bootMs: number
  /** From there to the end of the last run. */
  finishMs: number
  attemptsLost?: number
}

function report(what: string, { before, after, ...times }: Figures): void {
  const done = after && { effects: after.keys, calls: after.calls, repeated: after.repeated }
  const figures = { ...(before && { effectsBeforeKill: before.keys }), ...done, ...times }
  console.log(`sigkill · ${what} ${JSON.stringify(figures)}`)
}
