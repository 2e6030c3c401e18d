/** Queries composed by Drizzle, as text. Its dialect and its builders are a twentieth of the bundle, and nothing else here would use them. */
import type { SQL } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import type { SqlValue } from './sql.ts'

const casing = new CasingCache()

export function textOf(query: SQL): { text: string; values: SqlValue[] } {
  const { sql, params } = query.toQuery({
    casing,
    escapeName: (name) => `"${name.replaceAll('"', '""')}"`,
    escapeParam: () => '?',
    escapeString: (text) => `'${text.replaceAll("'", "''")}'`,
  })
  return { text: sql, values: params as SqlValue[] } // as the columns here have them: text, numbers and null
}
