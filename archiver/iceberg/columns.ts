/** Schemas, partition specs and sort orders of a table: what each may be, and which id it gets (U2). */
import { CatalogRefusal } from './catalog.ts'
import { printJson } from './json.ts'
import type { IcebergSchema, PartitionField, PartitionSpec, SortOrder, TableMetadata } from './metadata.ts'
import type { Draft } from './updates.ts'

export function addSchema(draft: Draft, schema: IcebergSchema): Draft {
  const { metadata } = draft
  const ids = checkedFieldIds(schema)
  const same = metadata.schemas.find((other) => contentOf(other) === contentOf(schema))
  const id = same?.['schema-id'] ?? next(metadata.schemas.map((other) => other['schema-id']))
  const added: IcebergSchema = { ...schema, 'schema-id': id }
  return {
    ...draft,
    lastSchemaId: id,
    metadata: {
      ...metadata,
      schemas: same === undefined ? [...metadata.schemas, added] : metadata.schemas,
      'last-column-id': Math.max(metadata['last-column-id'], ...ids),
    },
  }
}

export function addSpec(draft: Draft, spec: PartitionSpec): Draft {
  const { metadata } = draft
  const known = metadata['partition-specs'].flatMap(({ fields }) => fields)
  let last = metadata['last-partition-id']
  const fields = spec.fields.map((field): PartitionField => {
    checkColumn(metadata, field['source-id'], `partition field ${field.name}`)
    if (field['field-id'] >= 0) return field
    const same = known.find((other) => partitionOf(other) === partitionOf(field))
    return { ...field, 'field-id': same?.['field-id'] ?? ++last }
  })
  refuseRepeated(
    fields.map(({ name }) => name),
    'partition field',
  )
  refuseRepeated(
    fields.map((field) => field['field-id']),
    'partition field id',
  )
  const same = metadata['partition-specs'].find((other) => fieldsOf(other) === fieldsOf({ fields }))
  const id = same?.['spec-id'] ?? next(metadata['partition-specs'].map((other) => other['spec-id']))
  return {
    ...draft,
    lastSpecId: id,
    metadata: {
      ...metadata,
      'partition-specs':
        same === undefined
          ? [...metadata['partition-specs'], { ...spec, 'spec-id': id, fields }]
          : metadata['partition-specs'],
      'last-partition-id': Math.max(last, ...fields.map((field) => field['field-id'])),
    },
  }
}

export function addOrder(draft: Draft, order: SortOrder): Draft {
  const { metadata } = draft
  const orders = metadata['sort-orders']
  for (const field of order.fields) checkColumn(metadata, field['source-id'], 'the sort order')
  const same = orders.find((other) => fieldsOf(other) === fieldsOf(order))
  // Id 0 is the order of unsorted tables, and of no other.
  const id =
    order.fields.length === 0
      ? 0
      : (same?.['order-id'] ?? next([0, ...orders.map((other) => other['order-id'])]))
  return {
    ...draft,
    lastOrderId: id,
    metadata: {
      ...metadata,
      'sort-orders': same === undefined ? [...orders, { ...order, 'order-id': id }] : orders,
    },
  }
}

/** The id that an update names, which must exist; -1 is the one added last in this commit. */
export function currentOf(
  draft: Draft,
  what: 'schema' | 'partition spec' | 'sort order',
  id: number,
): number {
  const { metadata } = draft
  const [last, known] = {
    schema: [draft.lastSchemaId, metadata.schemas.map((schema) => schema['schema-id'])] as const,
    'partition spec': [draft.lastSpecId, metadata['partition-specs'].map((spec) => spec['spec-id'])] as const,
    'sort order': [draft.lastOrderId, metadata['sort-orders'].map((order) => order['order-id'])] as const,
  }[what]
  const chosen = id === -1 ? last : id
  if (chosen !== undefined && known.includes(chosen)) return chosen
  throw new CatalogRefusal(400, id === -1 ? `this commit adds no ${what}` : `there is no ${what} ${id}`)
}

function checkedFieldIds(schema: IcebergSchema): number[] {
  const ids = fieldIdsOf(schema)
  refuseRepeated(ids, 'field id')
  refuseRepeated(
    schema.fields.map(({ name }) => name),
    'column',
  )
  for (const id of schema['identifier-field-ids'] ?? []) {
    if (!ids.includes(id)) throw new CatalogRefusal(400, `identifier field ${id} is not in the schema`)
  }
  return ids
}

/** Of the struct and of what is nested in it: struct fields have an `id`, lists an `element-id`, maps two. */
function fieldIdsOf(type: unknown): number[] {
  if (typeof type !== 'object' || type === null) return []
  return Object.entries(type).flatMap(([key, value]: [string, unknown]) => {
    if (NESTED_IDS.has(key) && typeof value === 'number') return [value]
    if (key === 'fields' && Array.isArray(value)) return value.flatMap(fieldIdsOf)
    return NESTED_TYPES.has(key) ? fieldIdsOf(value) : []
  })
}

const NESTED_IDS = new Set(['id', 'element-id', 'key-id', 'value-id'])
const NESTED_TYPES = new Set(['type', 'element', 'key', 'value'])

function refuseRepeated(values: readonly (string | number)[], what: string): void {
  const repeated = values.find((value, i) => values.indexOf(value) !== i)
  if (repeated !== undefined) throw new CatalogRefusal(400, `${what} ${repeated} occurs twice`)
}

function checkColumn(metadata: TableMetadata, id: number, what: string): void {
  if (metadata.schemas.some((schema) => fieldIdsOf(schema).includes(id))) return
  throw new CatalogRefusal(400, `${what} is of field ${id}, which is not in the schema`)
}

function contentOf(schema: IcebergSchema): string {
  return printJson([schema.fields, schema['identifier-field-ids'] ?? []])
}

function fieldsOf({ fields }: Pick<PartitionSpec, 'fields'> | Pick<SortOrder, 'fields'>): string {
  return printJson(fields)
}

function partitionOf(field: PartitionField): string {
  return printJson([field['source-id'], field.transform, field.name])
}

function next(ids: readonly number[]): number {
  return Math.max(-1, ...ids) + 1
}
