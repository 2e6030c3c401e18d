/**
 * Search attributes of runs. They are JSON in the run's row; one that is declared has an index over its expression, which
 * SQLite keeps by itself, whatever release writes the row.
 */
import { and, sql as expression } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Payload } from '../../shared/payload.ts'
import { mayBeInList } from '../attributes.ts'
import type { AttributeTypes } from '../attributes.ts'
import { workflows } from './runs-table.ts'
import type { Sql } from './sql.ts'

const PREFIX = 'attribute_'

/** Makes the indexes that are declared and drops those that are not any more. */
export function indexAttributes(sql: Sql, declared: AttributeTypes): void {
  const statement = `SELECT name FROM sqlite_master WHERE type = 'index' AND substr(name, 1, ${PREFIX.length}) = ?`
  const present = sql.all<{ name: string }>(statement, PREFIX).map(({ name }) => name)
  // A list has no index: that would be a row for each of its texts.
  const names = [...declared.keys()].filter((name) => declared.get(name) !== 'keywords')
  const wanted = new Map(names.map((name) => [`${PREFIX}${name}`, valueOf(name)]))
  for (const name of present) if (!wanted.has(name)) sql.run(`DROP INDEX "${name}"`)
  for (const [name, value] of wanted) {
    if (present.includes(name)) continue
    sql.run(`CREATE INDEX "${name}" ON workflows (${value}) WHERE ${value} IS NOT NULL`)
  }
}

/** Of the runs that have all attributes asked for; `hasAttributes` says the same of rows in memory. */
export function attributeConditions(
  wanted: Record<string, Payload>,
  declared: AttributeTypes,
): SQL | undefined {
  const conditions = Object.entries(wanted).map(([name, value]) => {
    const path = pathOf(name)
    if (value === null) return expression`${workflows.searchAttributes} -> ${path} is null`
    if (Array.isArray(value)) return and(...value.map((item) => contained(path, item, ['array'])))
    if (mayBeInList(value, declared.get(name))) return contained(path, value, ['array', 'text'])
    // In the words of the index, so that it is used. A declared name is safe in a statement.
    const own = declared.has(name)
      ? expression.raw(valueOf(name))
      : expression`${workflows.searchAttributes} -> ${path}`
    return expression`${own} = ${JSON.stringify(value)}`
  })
  return and(...conditions)
}

/** Its JSON text: a number differs from the text of its digits, and true from 1. */
function valueOf(name: string): string {
  return `search_attributes -> '${pathOf(name)}'`
}

function pathOf(name: string): string {
  return `$."${name}"`
}

function contained(path: string, item: Payload, types: readonly string[]): SQL {
  const { searchAttributes } = workflows
  return expression`json_type(${searchAttributes}, ${path}) in ${types}
    and exists (select 1 from json_each(${searchAttributes}, ${path}) where atom = ${item})`
}
