import { describe, expect, test } from 'vitest'
import type { Requirement, Update } from '../../../archiver/iceberg/catalog.ts'
import type { IcebergSchema } from '../../../archiver/iceberg/metadata.ts'
import { applyUpdates, checkRequirements } from '../../../archiver/iceberg/updates.ts'
import { after, appended, created, definition, foreignId, noon, snapshotOf } from './metadata-samples.ts'

const table = after(created, ...appended(foreignId, 1))
const uuid = created['table-uuid']
const wider: IcebergSchema = {
  ...definition.schema,
  'schema-id': -1,
  fields: [...definition.schema.fields, { id: 3, name: 'note', required: false, type: 'string' }],
}

describe('a new table', () => {
  test('has its schema, spec and order as current ones', () => {
    expect(created).toMatchObject({
      'last-column-id': 2,
      'last-partition-id': 1000,
      'current-schema-id': 0,
      'default-spec-id': 0,
      'default-sort-order-id': 1,
      'last-sequence-number': 0,
      schemas: [definition.schema],
      'partition-specs': [definition.spec],
      'sort-orders': [definition.order],
      properties: definition.properties,
    })
  })
})

describe('a requirement', () => {
  const holding: Requirement[] = [
    { type: 'assert-table-uuid', uuid: uuid.toUpperCase() },
    main(foreignId),
    { type: 'assert-ref-snapshot-id', ref: 'toString', 'snapshot-id': null },
    { type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 2 },
    { type: 'assert-current-schema-id', 'current-schema-id': 0 },
    { type: 'assert-last-assigned-partition-id', 'last-assigned-partition-id': 1000 },
    { type: 'assert-default-spec-id', 'default-spec-id': 0 },
    { type: 'assert-default-sort-order-id', 'default-sort-order-id': 1 },
  ]
  test.each(holding)('that holds lets the commit pass: $type', (requirement) => {
    expect(() => checkRequirements(table, [requirement])).not.toThrow()
  })

  test.each<Requirement>([
    { type: 'assert-create' },
    { type: 'assert-table-uuid', uuid: 'another' },
    main(null),
    main(7_213_948_571_203_948_572n),
    { type: 'assert-ref-snapshot-id', ref: 'audit', 'snapshot-id': foreignId },
    { type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 1 },
    { type: 'assert-current-schema-id', 'current-schema-id': 1 },
    { type: 'assert-last-assigned-partition-id', 'last-assigned-partition-id': 999 },
    { type: 'assert-default-spec-id', 'default-spec-id': 1 },
    { type: 'assert-default-sort-order-id', 'default-sort-order-id': 0 },
  ])('that does not hold is a conflict: $type', (requirement) => {
    const message: unknown = expect.stringContaining(requirement.type)
    expect(() => checkRequirements(table, [holding[0]!, requirement])).toThrow(
      expect.objectContaining({ name: 'CommitConflict', message }),
    )
  })

  test('to create holds only where there is no table', () => {
    expect(() => checkRequirements(null, [{ type: 'assert-create' }])).not.toThrow()
    expect(() => checkRequirements(null, [holding[0]!])).toThrow('assert-table-uuid')
  })
})

describe('a snapshot', () => {
  test('that is added and becomes main is the current one, in the log and in the order of time', () => {
    expect(table).toMatchObject({
      'current-snapshot-id': foreignId,
      'last-sequence-number': 1,
      'last-updated-ms': noon + 1_000,
      refs: { main: { type: 'branch', 'snapshot-id': foreignId } },
      'snapshot-log': [{ 'snapshot-id': foreignId, 'timestamp-ms': noon + 1_000 }],
    })
    const late = after(table, ...appended(8n, 2, foreignId))
    expect(late['snapshot-log'].map((entry) => entry['snapshot-id'])).toEqual([foreignId, 8n])
    expect(after(late, { action: 'set-properties', updates: {} })['last-updated-ms']).toBe(noon + 2_000)
  })

  test('that was current only within the commit is not in the log', () => {
    const both = after(table, ...appended(8n, 2, foreignId), ...appended(9n, 3, 8n))
    expect(both['snapshot-log'].map((entry) => entry['snapshot-id'])).toEqual([foreignId, 9n])
    expect(both.snapshots).toHaveLength(3)
  })

  test.each<[string, object]>([
    ['id is taken', { 'snapshot-id': foreignId }],
    ['sequence number is not above the last', { 'sequence-number': 1 }],
    ['parent is unknown', { 'parent-snapshot-id': 3n }],
    ['schema is unknown', { 'schema-id': 7 }],
    ['timestamp is more than a minute before the last', { 'timestamp-ms': noon - 60_000 }],
  ])('is refused when its %s', (_, change) => {
    const snapshot = { ...snapshotOf(8n, 2, foreignId), ...change }
    expect(() => after(table, { action: 'add-snapshot', snapshot })).toThrow(
      expect.objectContaining({ name: 'CatalogRefusal', status: 400 }),
    )
  })

  test('that is removed takes its refs, its statistics and the log up to it along (R2, R3)', () => {
    const statistics = [{ 'snapshot-id': foreignId }, { 'snapshot-id': 8 }]
    const tagged = after(
      { ...table, statistics } as typeof table,
      { action: 'set-snapshot-ref', 'ref-name': 'v1', type: 'tag', 'snapshot-id': foreignId },
      ...appended(8n, 2, foreignId),
    )
    const expired = after(tagged, { action: 'remove-snapshots', 'snapshot-ids': [foreignId] })
    expect(expired.snapshots.map((snapshot) => snapshot['snapshot-id'])).toEqual([8n])
    expect(Object.keys(expired.refs)).toEqual(['main'])
    expect(expired['snapshot-log'].map((entry) => entry['snapshot-id'])).toEqual([8n])
    expect(expired).toMatchObject({ 'current-snapshot-id': 8n, statistics: [{ 'snapshot-id': 8 }] })
  })
})

describe('a ref', () => {
  test('of another name leaves main and the log alone', () => {
    const ref = { 'snapshot-id': foreignId, type: 'tag', 'max-ref-age-ms': 5 } as const
    const tagged = after(table, { action: 'set-snapshot-ref', 'ref-name': 'v1', ...ref })
    expect(tagged).toMatchObject({ refs: { ...table.refs, v1: ref }, 'snapshot-log': table['snapshot-log'] })
    const gone = after(tagged, { action: 'remove-snapshot-ref', 'ref-name': 'v1' })
    expect(gone.refs).toEqual(table.refs)
  })

  test('main that is removed leaves the table without a current snapshot (R1)', () => {
    const bare = after(table, { action: 'remove-snapshot-ref', 'ref-name': 'main' })
    expect(bare).toMatchObject({ refs: {}, 'snapshot-log': [] })
    expect('current-snapshot-id' in bare).toBe(false)
  })

  test.each<Update>([
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 404n },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'tag', 'snapshot-id': foreignId },
  ])('is refused when it cannot be: $action', (update) => {
    expect(() => after(table, update)).toThrow(expect.objectContaining({ status: 400 }))
  })
})

describe('a schema, spec or order', () => {
  test('gets its id from the catalog, and -1 names it (U2)', () => {
    const changed = after(
      table,
      { action: 'add-schema', schema: wider },
      { action: 'set-current-schema', 'schema-id': -1 },
      {
        action: 'add-spec',
        spec: {
          'spec-id': -1,
          fields: [
            { 'source-id': 2, 'field-id': -1, name: 'closed_at_day', transform: 'day' },
            { 'source-id': 3, 'field-id': -1, name: 'note', transform: 'identity' },
          ],
        },
      },
      { action: 'set-default-spec', 'spec-id': -1 },
      { action: 'add-sort-order', 'sort-order': { 'order-id': -1, fields: [] } },
      { action: 'set-default-sort-order', 'sort-order-id': -1 },
    )
    expect(changed).toMatchObject({
      'current-schema-id': 1,
      'last-column-id': 3,
      'default-spec-id': 1,
      'last-partition-id': 1001,
      'default-sort-order-id': 0,
    })
    expect(changed.schemas[1]).toEqual({ ...wider, 'schema-id': 1 })
    expect(changed['partition-specs'][1]?.fields.map((field) => field['field-id'])).toEqual([1000, 1001])
  })

  test('that was there before is the same again', () => {
    const again = after(
      after(
        table,
        { action: 'add-schema', schema: wider },
        { action: 'set-current-schema', 'schema-id': -1 },
      ),
      { action: 'add-schema', schema: { ...definition.schema, 'schema-id': 9 } },
      { action: 'set-current-schema', 'schema-id': -1 },
      { action: 'add-spec', spec: { ...definition.spec, 'spec-id': 5 } },
      { action: 'set-default-spec', 'spec-id': -1 },
    )
    expect(again).toMatchObject({ 'current-schema-id': 0, 'default-spec-id': 0, 'last-column-id': 3 })
    expect(again.schemas).toHaveLength(2)
    expect(again['partition-specs']).toHaveLength(1)
  })

  test('counts the fields nested in it', () => {
    const nested = {
      type: 'struct',
      fields: [
        { id: 11, name: 'a', required: false, type: 'long' },
        { id: 12, name: 'b', required: false, type: { type: 'map', 'key-id': 13, 'value-id': 14 } },
      ],
    } as unknown as string // as other engines have it
    const field = {
      id: 10,
      name: 'list',
      required: false,
      type: { type: 'list', 'element-id': 20, element: nested },
    }
    const schema = { ...wider, fields: [...definition.schema.fields, field] } as unknown as IcebergSchema
    expect(after(table, { action: 'add-schema', schema })['last-column-id']).toBe(20)
  })

  const [first] = definition.schema.fields
  test.each<Update>([
    columns(first!, { ...first!, name: 'other' }),
    columns(first!, { ...first!, id: 2 }),
    { action: 'add-schema', schema: { ...definition.schema, 'identifier-field-ids': [9] } },
    { action: 'set-current-schema', 'schema-id': -1 },
    { action: 'set-current-schema', 'schema-id': 4 },
    { action: 'set-default-spec', 'spec-id': -1 },
    { action: 'set-default-sort-order', 'sort-order-id': 2 },
    {
      action: 'add-spec',
      spec: { 'spec-id': -1, fields: [{ 'source-id': 9, 'field-id': -1, name: 'x', transform: 'day' }] },
    },
    { action: 'assign-uuid', uuid: 'another' },
    { action: 'upgrade-format-version', 'format-version': 3 },
  ])('is refused when it cannot be: $action', (update) => {
    expect(() => after(table, update)).toThrow(expect.objectContaining({ status: 400 }))
  })
})

describe('properties', () => {
  test('are set and removed', () => {
    const set = after(table, { action: 'set-properties', updates: { a: '1', __proto__x: '2' } })
    expect(set.properties).toEqual({ ...definition.properties, a: '1', __proto__x: '2' })
    expect(
      after(set, { action: 'remove-properties', removals: ['a', 'none', '__proto__x'] }).properties,
    ).toEqual(definition.properties)
  })
})

describe('the log of metadata files', () => {
  test('holds the hundred last, and says which fell out', () => {
    let metadata = created
    const dropped: string[] = []
    for (let version = 0; version < 103; version++) {
      const applied = applyUpdates(metadata, [], { now: noon + version, previousLocation: `v${version}` })
      metadata = applied.metadata
      dropped.push(...applied.dropped)
    }
    expect(metadata['metadata-log']).toHaveLength(100)
    expect(metadata['metadata-log'][0]).toEqual({ 'metadata-file': 'v3', 'timestamp-ms': noon + 2 })
    expect(dropped).toEqual(['v0', 'v1', 'v2'])
  })

  test('is as long as the table wants it, from the commit on that says so', () => {
    const updates: Update[] = [
      { action: 'set-properties', updates: { 'write.metadata.previous-versions-max': '1' } },
    ]
    const first = applyUpdates(created, [], { now: noon, previousLocation: 'v0' })
    const { metadata, dropped } = applyUpdates(first.metadata, updates, { now: noon, previousLocation: 'v1' })
    expect(metadata['metadata-log'].map((entry) => entry['metadata-file'])).toEqual(['v1'])
    expect(dropped).toEqual(['v0'])
  })
})

function main(id: bigint | null): Requirement {
  return { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': id }
}

function columns(...fields: IcebergSchema['fields']): Update {
  return { action: 'add-schema', schema: { type: 'struct', 'schema-id': -1, fields } }
}
