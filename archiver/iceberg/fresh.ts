/** Field ids of a new table are the catalog's to give: 1, 2, 3..., since clients count from where they like. */
import { CatalogRefusal } from './catalog.ts'
import type { TableDefinition } from './catalog.ts'
import type { NestedField } from './metadata.ts'

/** All columns first, then what is nested in each. Ids that are 1, 2, 3... in this order stay what they are. */
export function withFreshIds(definition: TableDefinition): TableDefinition {
  const { schema, spec, order } = definition
  const ids = new Map<number, number>()
  const fresh = (id: number): number => {
    if (ids.has(id)) throw new CatalogRefusal(400, `field id ${id} occurs twice`)
    ids.set(id, ids.size + 1)
    return ids.size
  }
  const fields = freshFields(schema.fields, fresh)
  const of = (id: number): number => {
    const found = ids.get(id)
    if (found === undefined) throw new CatalogRefusal(400, `field ${id} is not in the schema`)
    return found
  }
  const identifiers = schema['identifier-field-ids']
  return {
    ...definition,
    schema: {
      ...schema,
      fields,
      ...(identifiers === undefined ? {} : { 'identifier-field-ids': identifiers.map(of) }),
    },
    spec: {
      ...spec,
      fields: spec.fields.map((field) => ({ ...field, 'source-id': of(field['source-id']) })),
    },
    order: {
      ...order,
      fields: order.fields.map((field) => ({ ...field, 'source-id': of(field['source-id']) })),
    },
  }
}

type Fresh = (id: number) => number

function freshFields(fields: readonly NestedField[], fresh: Fresh): NestedField[] {
  const named = fields.map((field) => ({ ...field, id: fresh(field.id) }))
  return named.map((field) => ({ ...field, type: freshType(field.type, fresh) }))
}

/** Nested types are objects, whatever the contract of our own tables says. */
function freshType<T>(type: T, fresh: Fresh): T {
  if (typeof type !== 'object' || type === null) return type
  const renewed: Record<string, unknown> = Object.fromEntries(Object.entries(type))
  for (const key of ['element-id', 'key-id', 'value-id']) {
    if (typeof renewed[key] === 'number') renewed[key] = fresh(renewed[key])
  }
  if (Array.isArray(renewed['fields'])) renewed['fields'] = freshFields(renewed['fields'], fresh)
  for (const key of ['element', 'key', 'value']) renewed[key] &&= freshType(renewed[key], fresh)
  return renewed as T // the same keys, other numbers
}
