import { beforeAll, describe, expect, test } from 'vitest'
import type { ArchiveBatch } from '../../shared/archive.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { workflow } from '../../shared/define.ts'
import { advance, client, historyOf, idOn, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { valueOf } from '../../archiver/answers.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { source } from '../archiver/passes.ts'
import { lease, LIMITS, shardTo, warm, write } from '../archiver/steps.ts'
import { abort, inStorage, rows } from './storage.ts'

const quick = workflow('quick', async (_ctx, text: string) => text)
const steps = workflow('steps', async (ctx, text: string) => {
  for (let i = 0; i < 20; i += 1) await ctx.run('step', () => text)
})
const staysHot = workflow('staysHot', async () => 'hot')
const goesCold = workflow('goesCold', async () => 'cold')
const alsoGoesCold = workflow('alsoGoesCold', async () => 'cold too')
register(quick, steps, staysHot, goesCold, alsoGoesCold)

const HOUR_MS = 3_600_000
const BATCHES = 'SELECT * FROM archive_batches'
let by: LeasedShard

beforeAll(async () => {
  const { fence } = await lease('proposals', HOUR_MS)
  by = { to: shardTo(0), fence }
})

const propose = async (limits = LIMITS) => valueOf(await source.proposeArchive({ ...by, ...limits }))
/** Once all that is closed has been told. */
const proposed = (limits = LIMITS) => until(async () => (await propose(limits)) ?? false)
const drained = async (): Promise<void> => {
  while (await warm(by));
}
const idsOf = (batch: ArchiveBatch): string[] => batch.runs.map(({ workflowId }) => workflowId)
const confirm = async (batch: ArchiveBatch) => {
  const written = await write(by, batch)
  return source.confirmArchive({ ...by, number: batch.number, ...written })
}
const run = (workflowId: string, text = 'x') => client.execute(quick, { workflowId, input: text })
const settled = (...workflowIds: string[]) =>
  until(async () => {
    const [row] = await rows(0, `SELECT value FROM meta WHERE key = 'cdc_position'`)
    const [last] = await rows(
      0,
      'SELECT MAX(closed_sequence) AS last FROM workflows WHERE workflow_id IN (SELECT value FROM json_each(?))',
      JSON.stringify(workflowIds),
    )
    return Number(row?.['value'] ?? 0) >= Number(last?.['last'])
  })

describe('a proposed batch', () => {
  test('is shown again, the same, until it is confirmed, though the shard is lost and more runs close', async () => {
    await run(idOn(0, 'again'))
    const first = await proposed()
    await run(idOn(0, 'again-later'))
    await abort(0)
    const second = await propose()
    expect(second).toEqual({ ...first, backlog: expect.any(Number) })
    expect(await confirm(first)).toEqual({ ok: true, value: null })
    const next = await proposed()
    expect(next.number).toBe(first.number + 1)
    expect(idsOf(next)).toEqual([idOn(0, 'again-later')])
    await drained()
  })

  test('has the stored events of its runs, sorted by the bytes of their ids', async () => {
    const ids = ['\u{FFFD}', '\u{1F600}', 'é', 'z'].map((character) => idOn(0, `sort-${character}`))
    const texts = await Promise.all(
      ids.map(async (workflowId) => {
        await run(workflowId, workflowId)
        return [workflowId, await historyOf(client.getHandle(workflowId))] as const
      }),
    )
    await settled(...ids)
    const batch = await proposed()
    expect(idsOf(batch)).toEqual(['z', 'é', '\u{FFFD}', '\u{1F600}'].map((one) => idOn(0, `sort-${one}`)))
    for (const { workflowId, events, historyLength, nextEvent } of batch.runs) {
      const parsed = events.flatMap((text) => JSON.parse(text) as HistoryEvent[])
      const expected = texts.find(([id]) => id === workflowId)?.[1]
      expect(parsed.map(({ type }) => type)).toEqual(expected?.map(({ type }) => type))
      expect([parsed.length, nextEvent]).toEqual([historyLength, undefined])
      const { historyBytes } = await client.describe(workflowId)
      expect(historyBytes).toBe(parsed.reduce((sum, event) => sum + JSON.stringify(event).length, 0))
    }
    await drained()
  })

  test('is within its limits, and says how many runs are left', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map((one) => idOn(0, `limit-${one}`))
    for (const workflowId of ids) await run(workflowId, 'y'.repeat(1_000))
    await settled(...ids)
    const two = await proposed({ maxRuns: 2, maxBytes: 1_000_000 })
    expect([two.runs.length, two.backlog]).toEqual([2, 3])
    await confirm(two)
    // A run holds its text in its first event and in its last.
    const byBytes = await proposed({ maxRuns: 10, maxBytes: 6_000 })
    expect([byBytes.runs.length, byBytes.backlog]).toEqual([2, 1])
    await drained()
  })

  test('has a run that is too large alone, by pages that begin where the last one ended', async () => {
    const [small, large] = [idOn(0, 'page-small'), idOn(0, 'page-large')]
    await run(small)
    const handle = await client.start(steps, { workflowId: large, input: 's'.repeat(500) })
    await handle.result()
    await settled(small, large)
    const limits = { maxRuns: 10, maxBytes: 3_000 }
    const first = await proposed(limits)
    expect(idsOf(first)).toEqual([small])
    await confirm(first)
    const batch = await proposed(limits)
    expect(idsOf(batch)).toEqual([large])
    const [only] = batch.runs
    const { runId, historyLength } = only!
    const pages = [only!.events]
    let { nextEvent } = only!
    while (nextEvent !== undefined) {
      const request = { ...by, number: batch.number, runId, fromEvent: nextEvent, maxBytes: 3_000 }
      const page = valueOf(await source.archivePage(request))
      pages.push(page.events)
      nextEvent = page.nextEvent
    }
    expect(pages.length).toBeGreaterThan(3)
    for (const page of pages) expect(page.join('').length).toBeLessThanOrEqual(3_000)
    const events = pages.flat().flatMap((text) => JSON.parse(text) as HistoryEvent[])
    expect(events).toHaveLength(historyLength)
    const wrong = { ...by, number: batch.number, runId, maxBytes: 3_000 }
    expect(await source.archivePage({ ...wrong, fromEvent: historyLength + 1 })).toMatchObject({
      code: 'invalid_argument',
      facts: { path: 'fromEvent' },
    })
    expect(await source.archivePage({ ...wrong, number: 1, fromEvent: 1 })).toMatchObject({
      code: 'invalid_argument',
      facts: { path: 'number' },
    })
    await confirm(batch)
    await drained()
    expect((await historyOf(handle)).length).toBe(historyLength)
  })

  test('has runs of one policy only', async () => {
    const ids = [idOn(0, 'policy-1'), idOn(0, 'policy-2'), idOn(0, 'policy-3'), idOn(0, 'policy-4')]
    await client.execute(goesCold, { workflowId: ids[0]! })
    await run(ids[1]!)
    await client.execute(alsoGoesCold, { workflowId: ids[2]! })
    await run(ids[3]!)
    await settled(...ids)
    const cold = await proposed()
    expect(idsOf(cold).toSorted()).toEqual([ids[0], ids[2]])
    await confirm(cold)
    const warmOnly = await proposed()
    expect(idsOf(warmOnly).toSorted()).toEqual([ids[1], ids[3]])
    await confirm(warmOnly)
    const found = await rows(0, 'SELECT cold, expires_at FROM archive_batches ORDER BY number DESC LIMIT 2')
    expect(found).toEqual([
      { cold: 0, expires_at: null },
      { cold: 1, expires_at: expect.any(Number) },
    ])
  })
})

describe('a closed run stays hot', () => {
  test('while its type’s hot retention lasts', async () => {
    const workflowId = idOn(0, 'hot')
    await client.execute(staysHot, { workflowId })
    await settled(workflowId)
    expect(await propose()).toBeNull()
    await advance(HOUR_MS)
    expect(idsOf(await proposed())).toEqual([workflowId])
    await drained()
  })

  test('while a message of its own has not reached its shard', async () => {
    const workflowId = idOn(0, 'outbox')
    const handle = await client.start(quick, { workflowId, input: '' })
    await handle.result()
    await settled(workflowId)
    await inStorage(0, ({ sql }) => void sql.exec(`INSERT INTO outbox VALUES (7, 1, ?, '{}')`, handle.runId))
    expect(await propose()).toBeNull()
    await inStorage(0, ({ sql }) => void sql.exec('DELETE FROM outbox'))
    expect(idsOf(await proposed())).toEqual([workflowId])
    await drained()
  })
})

describe('a run whose rows are damaged', () => {
  const damages: [string, string][] = [
    ['a row is missing', 'DELETE FROM history WHERE run_id = ? AND first_event_id > 1'],
    ['a row counts too few', 'UPDATE history SET event_count = event_count - 1 WHERE run_id = ?'],
    ['all rows are missing', 'DELETE FROM history WHERE run_id = ?'],
  ]

  test.each(damages)('is held, and the others are archived: %s', async (what, statement) => {
    const [bad, good] = [idOn(0, `damaged ${what}`), idOn(0, `sound ${what}`)]
    const handle = await client.start(steps, { workflowId: bad, input: '' })
    await handle.result()
    await run(good)
    await settled(bad, good)
    await inStorage(0, ({ sql }) => void sql.exec(statement, handle.runId))
    const batch = await proposed()
    expect(idsOf(batch)).toEqual([good])
    expect(batch.backlog).toBeGreaterThanOrEqual(1)
    const [held] = await rows(0, 'SELECT reason, attempts FROM archive_holds WHERE run_id = ?', handle.runId)
    expect(held).toMatchObject({ attempts: 1, reason: expect.stringContaining('its rows') })
    await confirm(batch)
    expect(await propose()).toBeNull()
    await inStorage(0, ({ sql }) => {
      sql.exec('DELETE FROM workflows WHERE run_id = ?', handle.runId)
      sql.exec('DELETE FROM archive_holds')
    })
  })
})

describe('a rejected batch', () => {
  test('is void: its number is used up, its objects are garbage, and the other runs come again at once', async () => {
    const [bad, good] = [idOn(0, 'rejected'), idOn(0, 'with-rejected')]
    await run(bad)
    await run(good)
    await settled(bad, good)
    const first = await proposed()
    const { number } = first
    const { runId } = first.runs.find(({ workflowId }) => workflowId === bad)!
    const none = await source.rejectArchive({ ...by, number, rejected: [{ runId: 'x', reason: 'y' }] })
    expect(none).toMatchObject({ code: 'invalid_argument', facts: { path: 'rejected' } })
    const request = { ...by, number, rejected: [{ runId, reason: 'no Parquet' }] }
    expect(await source.rejectArchive(request)).toEqual({ ok: true, value: null })
    expect(await source.rejectArchive(request)).toEqual({ ok: true, value: null })
    expect(valueOf(await source.garbage({ ...by, maxKeys: 10 }))).toContain(`warm/default/0/${number}-`)
    expect(await confirm(first)).toEqual({ ok: true, value: null })
    expect((await client.describe(bad)).tier).toBe('hot')

    const second = await proposed()
    expect([second.number, idsOf(second)]).toEqual([number + 1, [good]])
    await confirm(second)
    expect(await propose()).toBeNull()
    // Alone, an hour later; then after two.
    const more = idOn(0, 'beside-held')
    await run(more)
    await settled(more)
    await advance(HOUR_MS)
    const third = await proposed()
    expect(idsOf(third)).toEqual([bad])
    const again = { ...by, number: third.number, rejected: [{ runId, reason: 'still' }] }
    await source.rejectArchive(again)
    await drained()
    await advance(HOUR_MS)
    expect(await propose()).toBeNull()
    await advance(HOUR_MS)
    const fourth = await proposed()
    expect(idsOf(fourth)).toEqual([bad])
    await confirm(fourth)
    expect((await client.describe(bad)).tier).toBe('warm')
    expect(await rows(0, 'SELECT * FROM archive_holds')).toEqual([])
  })
})

describe('a confirmation', () => {
  test('without every locator, or with one that does not cover its run, changes nothing', async () => {
    const workflowId = idOn(0, 'half')
    await run(workflowId)
    await settled(workflowId)
    const batch = await proposed()
    const { objects, locators } = await write(by, batch)
    const [{ runId, locator } = { runId: '', locator: [] }] = locators
    const short = [{ runId, locator: [{ ...locator[0]!, rowCount: 1 }] }]
    const elsewhere = [{ runId, locator: [{ ...locator[0]!, object: 'another' }] }]
    for (const wrong of [[], short, elsewhere]) {
      const reply = await source.confirmArchive({ ...by, number: batch.number, objects, locators: wrong })
      expect(reply).toMatchObject({ ok: false, code: 'invalid_argument', facts: { path: 'locators' } })
    }
    expect((await client.describe(workflowId)).tier).toBe('hot')
    await drained()
  })

  test('is once though it comes twice, before and after the shard is lost; an unknown number is none', async () => {
    const workflowId = idOn(0, 'twice')
    await run(workflowId)
    await settled(workflowId)
    const batch = await proposed()
    const confirmed = { ...by, number: batch.number, ...(await write(by, batch)) }
    expect(await source.confirmArchive(confirmed)).toEqual({ ok: true, value: null })
    const before = await rows(0, BATCHES)
    await abort(0)
    expect(await source.confirmArchive(confirmed)).toEqual({ ok: true, value: null })
    expect(await source.confirmArchive({ ...confirmed, number: 999 })).toEqual({ ok: true, value: null })
    expect(await rows(0, BATCHES)).toEqual(before)
    expect(await client.getHandle(workflowId).result()).toBe('x')
  })
})
