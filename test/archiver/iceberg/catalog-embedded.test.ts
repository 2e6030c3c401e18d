import { describe, expect, test } from 'vitest'
import { CommitConflict, type TableName, type Update } from '../../../archiver/iceberg/catalog.ts'
import { EmbeddedCatalog } from '../../../archiver/iceberg/embedded.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { bucket } from '../buckets.ts'
import { bucketWithPut } from './catalog-puts.ts'
import { appended, definition, foreignId } from './metadata-samples.ts'

const root = 's3://perdure-archive'
const catalog = new EmbeddedCatalog(new Warehouse(bucket, root))
const cleaning = {
  'write.metadata.delete-after-commit.enabled': 'true',
  'write.metadata.previous-versions-max': '3',
}

describe('a table of the bucket', () => {
  test('is created, loaded and committed to under a pointer that names its metadata file', async () => {
    const table = nameOf('made')
    expect(await catalog.load(table)).toBeNull()
    const made = await catalog.create(table, definition)
    expect(made.metadata.location).toBe(`${root}/iceberg/durable/made`)
    expect(await catalog.load(table)).toEqual(made)

    const committed = await catalog.commit(table, {
      requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null }],
      updates: at(appended(foreignId, 1), made.metadata['last-updated-ms']),
    })
    expect(await catalog.load(table)).toEqual(committed)
    expect(committed.metadata['metadata-log'].map((entry) => entry['metadata-file'])).toEqual([
      made.metadataLocation,
    ])
    const hint = await text('iceberg/durable/made/metadata/version-hint.text')
    expect(hint).toMatch(/^00001-[0-9a-f-]{36}$/)
    expect(committed.metadataLocation).toBe(`${made.metadata.location}/metadata/${hint}.metadata.json`)
    expect(await text(`iceberg/durable/made/metadata/${hint}.metadata.json`)).toContain(String(foreignId))
  })

  test('is created once: the second creation is a conflict and leaves no file', async () => {
    const table = nameOf('once')
    const made = await Promise.allSettled(Array.from({ length: 5 }, () => catalog.create(table, definition)))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(catalog.create(table, definition)).rejects.toBeInstanceOf(CommitConflict)
    expect(await files(table)).toHaveLength(1)
  })

  test('is not changed by a commit whose requirements do not hold', async () => {
    const table = nameOf('required')
    const made = await catalog.create(table, definition)
    const wrong = { type: 'assert-table-uuid', uuid: 'another' } as const
    await expect(
      catalog.commit(table, { requirements: [wrong], updates: set({ a: '1' }) }),
    ).rejects.toBeInstanceOf(CommitConflict)
    const moved: Update[] = [{ action: 'set-location', location: 's3://elsewhere/x' }]
    await expect(catalog.commit(table, { requirements: [], updates: moved })).rejects.toMatchObject({
      name: 'CatalogRefusal',
      status: 400,
    })
    await expect(catalog.commit(nameOf('nowhere'), { requirements: [], updates: [] })).rejects.toMatchObject({
      status: 404,
    })
    expect(await catalog.load(table)).toEqual(made)
  })

  test.each(['', '..', 'a/b', '.hidden', 'a'.repeat(129), 'ä', 'a\u001Fb'])(
    'has no name like %j',
    async (name) => {
      await expect(catalog.create(nameOf(name), definition)).rejects.toMatchObject({ status: 400 })
      await expect(catalog.load({ namespace: [name], name: 't' })).rejects.toMatchObject({ status: 400 })
    },
  )
})

describe('ten committers at once', () => {
  test('land a hundred commits, none lost, none twice, each upon the one before', async () => {
    const table = nameOf('raced')
    await catalog.create(table, { ...definition, properties: cleaning })
    let conflicts = 0
    await Promise.all(
      Array.from({ length: 10 }, async (_, writer) => {
        for (let i = 0; i < 10; i++) conflicts += await appendUntilDone(table, BigInt(writer * 10 + i + 1))
      }),
    )
    const { metadata } = (await catalog.load(table))!
    expect(metadata.snapshots).toHaveLength(100)
    expect(new Set(metadata.snapshots.map((snapshot) => snapshot['snapshot-id']))).toHaveLength(100)
    let parent: bigint | undefined
    for (const [i, snapshot] of metadata.snapshots.entries()) {
      expect(snapshot['sequence-number']).toBe(i + 1)
      expect(snapshot['parent-snapshot-id']).toBe(parent)
      parent = snapshot['snapshot-id']
    }
    expect(metadata['current-snapshot-id']).toBe(parent)
    expect(conflicts).toBeGreaterThan(0)
    expect(await files(table)).toHaveLength(4) // the current one and its log: losers deleted theirs
  })
})

describe('a swap of the pointer', () => {
  test('that throws after it succeeded is a success (P3)', async () => {
    const table = nameOf('acked')
    await catalog.create(table, definition)
    const deaf = over(async (put) => {
      await put()
      throw new Error('the answer was lost')
    })
    const committed = await deaf.commit(table, { requirements: [], updates: set({ a: '1' }) })
    expect(await catalog.load(table)).toEqual(committed)
  })

  test('that throws after it succeeded, with commits on top by then, is a success (P3)', async () => {
    const table = nameOf('passed')
    await catalog.create(table, definition)
    const deaf = over(async (put) => {
      await put()
      await catalog.commit(table, { requirements: [], updates: set({ b: '2' }) })
      throw new Error('the answer was lost')
    })
    await deaf.commit(table, { requirements: [], updates: set({ a: '1' }) })
    expect((await catalog.load(table))!.metadata.properties).toMatchObject({ a: '1', b: '2' })
  })

  test('that throws and left the pointer as it was is unknown, and its file stays (K2)', async () => {
    const table = nameOf('unknown')
    const made = await catalog.create(table, definition)
    const dead = over(() => Promise.reject(new Error('timed out')))
    await expect(dead.commit(table, { requirements: [], updates: set({ a: '1' }) })).rejects.toMatchObject({
      name: 'CommitUnknown',
    })
    expect(await catalog.load(table)).toEqual(made)
    expect(await files(table)).toHaveLength(2)
  })

  test('that throws where another came first is a conflict, and its file is deleted', async () => {
    const table = nameOf('beaten')
    await catalog.create(table, definition)
    const beaten = over(async () => {
      await catalog.commit(table, { requirements: [], updates: set({ b: '2' }) })
      throw new Error('timed out')
    })
    await expect(beaten.commit(table, { requirements: [], updates: set({ a: '1' }) })).rejects.toBeInstanceOf(
      CommitConflict,
    )
    const { metadata } = (await catalog.load(table))!
    expect(metadata.properties).not.toHaveProperty('a')
    expect(await files(table)).toHaveLength(2)
  })

  test('that answers null though it succeeded does not cost the table its metadata (P4)', async () => {
    const table = nameOf('repeated')
    await catalog.create(table, definition)
    const repeated = over(async (put) => {
      await put()
      return await put()
    })
    const committed = await repeated.commit(table, { requirements: [], updates: set({ a: '1' }) })
    expect(await catalog.load(table)).toEqual(committed)
  })

  test('that R2 refuses as too frequent is a conflict that asks for a second of patience', async () => {
    const table = nameOf('frequent')
    await catalog.create(table, definition)
    const refused = over(() =>
      Promise.reject(new Error('put: Reduce your concurrent request rate for the same object. (10058)')),
    )
    await expect(refused.commit(table, { requirements: [], updates: set({ a: '1' }) })).rejects.toMatchObject(
      { name: 'CommitConflict', retryAfterMs: 1_000 },
    )
    expect(await files(table)).toHaveLength(1)
  })
})

describe('metadata files', () => {
  test('that fell out of the log are deleted when the table wants it, and else stay', async () => {
    const [kept, cleaned] = [nameOf('kept'), nameOf('cleaned')]
    await catalog.create(kept, { ...definition, properties: { 'write.metadata.previous-versions-max': '3' } })
    await catalog.create(cleaned, { ...definition, properties: cleaning })
    for (const table of [kept, cleaned]) {
      for (let i = 0; i < 8; i++) {
        await catalog.commit(table, { requirements: [], updates: set({ i: String(i) }) })
      }
    }
    expect(await files(kept)).toHaveLength(9)
    const { metadata, metadataLocation } = (await catalog.load(cleaned))!
    const log = metadata['metadata-log'].map((entry) => entry['metadata-file'])
    expect(log).toHaveLength(3)
    expect((await files(cleaned)).map((key) => `${root}/${key}`)).toEqual([...log, metadataLocation])
  })

  test('that could not be written leave the table as it was', async () => {
    const table = nameOf('full')
    const made = await catalog.create(table, definition)
    const full = over(() => Promise.reject(new Error('no')), '.metadata.json')
    await expect(full.commit(table, { requirements: [], updates: set({ a: '1' }) })).rejects.toThrow('no')
    expect(await catalog.load(table)).toEqual(made)
  })

  test('that the pointer names and are not there are an error, not a missing table', async () => {
    await bucket.put('iceberg/durable/lost/metadata/version-hint.text', '00003-lost')
    await expect(catalog.load(nameOf('lost'))).rejects.toMatchObject({ fault: 'object_missing' })
  })
})

describe('a namespace', () => {
  test('is there once it was made or has a table, and lists both', async () => {
    const own = new EmbeddedCatalog(new Warehouse(bucket, root), { prefix: 'listed' })
    expect(await own.namespaces([])).toEqual([])
    expect(await own.namespace(['a'])).toBeNull()
    expect(await own.createNamespace(['a'], { owner: 'me' })).toBe(true)
    expect(await own.createNamespace(['a'], {})).toBe(false)
    await own.create({ namespace: ['a', 'b'], name: 't1' }, definition)
    await own.create({ namespace: ['c'], name: 't2' }, definition)
    expect(await own.namespace(['a'])).toEqual({ owner: 'me' })
    expect(await own.namespace(['a', 'b'])).toEqual({})
    expect(await own.namespace(['c', 't2'])).toBeNull()
    expect(await own.namespaces([])).toEqual([['a'], ['c']])
    expect(await own.namespaces(['a'])).toEqual([['a', 'b']])
    expect(await own.tables(['a'])).toEqual([])
    expect(await own.tables(['a', 'b'])).toEqual([{ namespace: ['a', 'b'], name: 't1' }])
    await expect(own.createNamespace(['c', 't2'], {})).rejects.toMatchObject({ status: 400 })
  })
})

/** How many conflicts it took. */
async function appendUntilDone(table: TableName, id: bigint): Promise<number> {
  for (let conflicts = 0; ; conflicts++) {
    const { metadata } = (await catalog.load(table))!
    const parent = metadata['current-snapshot-id'] ?? null
    const updates = appended(id, metadata['last-sequence-number'] + 1, parent ?? undefined)
    try {
      await catalog.commit(table, {
        requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': parent }],
        updates: at(updates, metadata['last-updated-ms']),
      })
      return conflicts
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error
    }
  }
}

/** The samples' snapshots are of their own time; a table of now takes those of now. */
function at(updates: Update[], now: number): Update[] {
  return updates.map((update) =>
    update.action === 'add-snapshot'
      ? { ...update, snapshot: { ...update.snapshot, 'timestamp-ms': now } }
      : update,
  )
}

function over(around: Parameters<typeof bucketWithPut>[1], ending = 'version-hint.text'): EmbeddedCatalog {
  return new EmbeddedCatalog(new Warehouse(bucketWithPut(ending, around), root))
}

function nameOf(name: string): TableName {
  return { namespace: ['durable'], name }
}

function set(updates: Record<string, string>): Update[] {
  return [{ action: 'set-properties', updates }]
}

async function files({ name }: TableName): Promise<string[]> {
  const { objects } = await bucket.list({ prefix: `iceberg/durable/${name}/` })
  return objects.map(({ key }) => key).filter((key) => key.endsWith('.metadata.json'))
}

async function text(key: string): Promise<string> {
  return await (await bucket.get(key))!.text()
}
