import { describe, expect, test } from 'vitest'
import { cursorOf, listQuery, merged, positionIn } from '../../shared/listing.ts'
import type { ListFilter, ListOrder, ListQuery } from '../../shared/listing.ts'
import { summaryOf } from '../../shared/info.ts'
import type { RunList } from '../../shared/list.ts'
import type { RunSummary } from '../../shared/description.ts'

const noon = Date.UTC(2026, 0, 1, 12)

function run(runId: string, startedAt: number, completedAt?: number): RunSummary {
  return {
    workflowId: `w-${runId}`,
    runId,
    workflowType: 'order',
    status: completedAt === undefined ? 'running' : 'completed',
    taskQueue: 'default',
    startedAt,
    ...(completedAt !== undefined && { completedAt }),
    tier: 'hot',
    version: '1',
    historyEvents: 3,
    historyBytes: 300,
    memo: { note: 'n' },
    searchAttributes: { since: { $type: 'Date', value: '2026-01-01T00:00:00.000Z' } },
  }
}

const key = (at: number, runId: string): string => `${String(at).padStart(16, '0')} ${runId}`

/** What a shard holding `runs` answers to a question by start. */
function asShard(runs: readonly RunSummary[], { orderBy, after, limit }: ListQuery): RunList {
  const sorted = runs.toSorted((a, b) => (key(a.startedAt, a.runId) < key(b.startedAt, b.runId) ? -1 : 1))
  const isBehind = (one: RunSummary): boolean => {
    if (after === undefined) return true
    const [mine, last] = [key(one.startedAt, one.runId), key(after.at, after.runId)]
    return orderBy === 'startedAt' ? mine > last : mine < last
  }
  const behind = (orderBy === 'startedAt' ? sorted : sorted.toReversed()).filter(isBehind)
  return listOf(behind.slice(0, limit + 1), behind.length > limit)
}

/** `more`: it may have others behind its last. */
function listOf(runs: RunSummary[], more = false): RunList {
  const last = runs.at(-1)
  return { runs, ...(more && last && { upTo: { at: last.startedAt, runId: last.runId } }) }
}

describe('pages over several shards', () => {
  const shards = [
    [run('R3', noon + 2), run('R1', noon), run('R7', noon + 5)],
    [run('R2', noon), run('R5', noon + 2), run('R6', noon + 2)],
    [],
    [run('R4', noon + 2)],
  ]

  test.each<[ListOrder, string[]]>([
    ['startedAt', ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7']],
    ['-startedAt', ['R7', 'R6', 'R5', 'R4', 'R3', 'R2', 'R1']],
  ])('by %s give each run exactly once, runs of the same moment by run id', (orderBy, expected) => {
    for (const limit of [1, 2, 3, 7, 100]) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const query = listQuery({ orderBy, limit, ...(cursor !== undefined && { cursor }) })
        const page = merged(
          shards.map((runs) => asShard(runs, query)),
          query,
        )
        seen.push(...page.items.map((row) => row.runId))
        cursor = page.nextCursor
      } while (cursor !== undefined)
      expect(seen).toEqual(expected)
    }
  })

  test('by closing time go by closing time', () => {
    const closed = [listOf([run('R1', noon, noon + 9)]), listOf([run('R2', noon + 1, noon + 3)])]
    const page = merged(closed, listQuery({ orderBy: 'closedAt' }))
    expect(page.items.map((row) => row.runId)).toEqual(['R2', 'R1'])
  })

  test('end without a cursor when the last one is exactly full', () => {
    const page = merged([listOf([run('R1', noon), run('R2', noon + 1)])], listQuery({ limit: 2 }))
    expect(page.items).toHaveLength(2)
    expect(page.nextCursor).toBeUndefined()
  })

  test('of the largest size have a cursor when a shard gave all it may', () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => run(`R${i}`, noon + i))
    expect(merged([listOf(rows, true), listOf([])], listQuery({ limit: 1_000 })).nextCursor).toBeDefined()
  })

  test('hold nothing behind what every shard has looked through, and go on there', () => {
    const query = listQuery({ orderBy: 'startedAt' })
    const short = { runs: [run('R1', noon)], upTo: { at: noon + 3, runId: 'R3' } }
    const page = merged([short, listOf([run('R2', noon + 2), run('R4', noon + 4)])], query)
    expect(page.items.map((row) => row.runId)).toEqual(['R1', 'R2'])
    expect(positionIn(page.nextCursor ?? '', 'startedAt')).toEqual({ at: noon + 3, runId: 'R3' })
    const empty = merged([{ runs: [], upTo: { at: noon, runId: 'R0' } }], query)
    expect(empty.items).toHaveLength(0)
    expect(empty.nextCursor).toBeDefined()
  })

  test('hold dates and decoded values', () => {
    expect(summaryOf(run('R1', noon, noon + 1))).toMatchObject({
      startedAt: new Date(noon),
      completedAt: new Date(noon + 1),
      memo: { note: 'n' },
      searchAttributes: { since: new Date('2026-01-01T00:00:00Z') },
    })
  })
})

describe('a cursor', () => {
  test('is URL-safe text that gives its position back', () => {
    const position = { at: noon, runId: '01JDEXAMPLE000000000000000' }
    const cursor = cursorOf(position, '-startedAt')
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(positionIn(cursor, '-startedAt')).toEqual(position)
  })

  test.each([
    '',
    'no base64!',
    btoa('no JSON'),
    btoa('{"at":1}'),
    btoa('["-startedAt",1]'),
    btoa('["-startedAt","1","R1"]'),
    btoa('["-startedAt",1.5,"R1"]'),
    btoa('["-startedAt",1,""]'),
    btoa(JSON.stringify(['-startedAt', 1, 'x'.repeat(65)])),
    'A'.repeat(301),
    7,
  ])('that was not given out is refused: %j', (cursor) => {
    const filter = { cursor } as ListFilter // callers without types
    expect(() => listQuery(filter)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: 'cursor' }),
    )
  })

  test('is refused in another order than it was made in', () => {
    const cursor = cursorOf({ at: noon, runId: 'R1' }, 'startedAt')
    expect(() => listQuery({ cursor, orderBy: '-startedAt' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: 'cursor' }),
    )
  })
})

describe('a filter', () => {
  test('is what shards take: milliseconds, lists, defaults', () => {
    expect(
      listQuery({
        status: 'running',
        tiers: ['hot', 'hot'],
        idPrefix: 'order-',
        startedAfter: '2026-01-01T12:00:00Z',
        closedBefore: new Date(noon),
        searchAttributes: { since: new Date(noon), gone: null },
      }),
    ).toEqual({
      status: ['running'],
      tiers: ['hot'],
      idPrefix: 'order-',
      startedAfter: noon,
      closedBefore: noon,
      searchAttributes: { since: { $type: 'Date', value: '2026-01-01T12:00:00.000Z' }, gone: null },
      orderBy: '-startedAt',
      limit: 100,
    })
  })

  test.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1_001 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ status: 'done' }, 'status'],
    [{ status: [] }, 'status'],
    [{ status: ['running', 'waiting'] }, 'status'],
    [{ tiers: ['lukewarm'] }, 'tiers'],
    [{ orderBy: 'name' }, 'orderBy'],
    [{ taskQueue: '' }, 'taskQueue'],
    [{ workflowType: 7 }, 'workflowType'],
    [{ idPrefix: 'x'.repeat(1_001) }, 'idPrefix'],
    [{ startedAfter: 'yesterday' }, 'startedAfter'],
    [{ searchAttributes: { region: { deep: 1 } } }, 'searchAttributes.region'],
    [{ searchAttributes: { '$."x"': 1 } }, 'searchAttributes.$."x"'],
    [{ customerId: 'c-1' }, 'customerId'],
  ])('%j is refused by its path: a narrower question than was asked has another answer', (filter, path) => {
    expect(() => listQuery(filter as ListFilter)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path }),
    )
  })
})
