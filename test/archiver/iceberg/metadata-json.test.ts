import { describe, expect, test } from 'vitest'
import { parseJson, parseMetadata, printJson, printMetadata } from '../../../archiver/iceberg/json.ts'
import { after, appended, created, foreignId } from './metadata-samples.ts'

describe('a number', () => {
  test.each(['7213948571203948571', '-9223372036854775808', '9007199254740993', '18446744073709551615'])(
    'beyond 2^53 keeps its digits: %s (J1)',
    (digits) => {
      expect(parseJson(digits)).toBe(BigInt(digits))
      expect(printJson({ id: BigInt(digits) })).toBe(`{"id":${digits}}`)
    },
  )

  test.each(['9007199254740991', '-7', '0.25', '1e3', '1e300'])(
    'that a double holds stays one: %s',
    (digits) => {
      expect(parseJson(digits)).toBe(Number(digits))
    },
  )

  test('in a string is text', () => {
    expect(parseJson('"7213948571203948571"')).toBe('7213948571203948571')
  })
})

describe('metadata', () => {
  test('has snapshot ids as bigint, small ones too', () => {
    const table = after(created, ...appended(5n, 1), ...appended(foreignId, 2, 5n))
    const read = parseMetadata(printMetadata(table), 'm')
    expect(read).toEqual(table)
    expect(read.snapshots.map((snapshot) => snapshot['snapshot-id'])).toEqual([5n, foreignId])
    expect(read.refs['main']?.['snapshot-id']).toBe(foreignId)
    expect(read['snapshot-log'].map((entry) => entry['snapshot-id'])).toEqual([foreignId])
  })

  test.each([{ 'current-snapshot-id': -1 }, { 'current-snapshot-id': null }, {}])(
    'has no current snapshot: %j',
    (none) => {
      const { 'current-snapshot-id': _, ...text } = JSON.parse(printMetadata(created)) as Record<
        string,
        unknown
      >
      const read = parseMetadata(JSON.stringify({ ...text, ...none }), 'm')
      expect(read).toEqual(created)
      expect('current-snapshot-id' in read).toBe(false)
      expect(printMetadata(read)).toContain('"current-snapshot-id":-1')
    },
  )

  test('of before there were refs has main at its current snapshot', () => {
    const { refs: _, ...text } = parseJson(
      printMetadata(after(created, ...appended(foreignId, 1))),
    ) as object & {
      refs: unknown
    }
    expect(parseMetadata(printJson(text), 'm').refs).toEqual({
      main: { type: 'branch', 'snapshot-id': foreignId },
    })
  })

  test('keeps what other engines wrote into it (J3)', () => {
    const foreign = {
      ...(parseJson(printMetadata(after(created, ...appended(foreignId, 1)))) as object),
      statistics: [
        { 'snapshot-id': foreignId, 'statistics-path': 's3://x/stats.puffin', 'blob-metadata': [] },
      ],
      'partition-statistics': [{ 'snapshot-id': foreignId, 'statistics-path': 's3://x/p.parquet' }],
      'next-row-id': 9_223_372_036_854_775_807n,
      'encryption-keys': [{ 'key-id': 'k' }],
    }
    const changed = after(parseMetadata(printJson(foreign), 'm'), {
      action: 'set-properties',
      updates: { owner: 'me' },
    })
    const text = printMetadata(changed)
    expect(parseJson(text)).toMatchObject({
      statistics: foreign.statistics,
      'partition-statistics': foreign['partition-statistics'],
      'encryption-keys': foreign['encryption-keys'],
      'next-row-id': 9_223_372_036_854_775_807n,
    })
    expect(text).toContain('"next-row-id":9223372036854775807')
  })

  test.each<[string, (metadata: object) => string]>([
    ['is not JSON', (metadata) => JSON.stringify(metadata).slice(0, -1)],
    ['is of a later format', (metadata) => JSON.stringify({ ...metadata, 'format-version': 3 })],
    ['has no schemas', (metadata) => JSON.stringify({ ...metadata, schemas: undefined })],
    ['has a fraction for an id', (metadata) => JSON.stringify({ ...metadata, 'current-snapshot-id': 1.5 })],
    ['is a list', () => '[]'],
  ])('that %s is refused with the name of its file', (_, damage) => {
    const text = damage(JSON.parse(printMetadata(created)) as object)
    expect(() => parseMetadata(text, 'the-file')).toThrow(
      expect.objectContaining({ fault: 'object_corrupt', subject: 'the-file' }),
    )
  })
})
