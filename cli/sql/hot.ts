/** The runs that are not in the cold tables yet, as the archiver lists them. */
import type { HotPage, HotRow } from '../../shared/hot.ts'
import { ask, type Server } from '../server.ts'

const LIST = '/iceberg/hot'

/** Null when the server has no such list. */
export async function hotRows(server: Server): Promise<HotRow[] | null> {
  const rows: HotRow[] = []
  let next: string | undefined = LIST
  while (next !== undefined) {
    const text = await ask(server, next)
    if (text === null) return null
    const page = JSON.parse(text) as HotPage // what our own archiver answers
    rows.push(...page.rows)
    next = page.cursor && `${LIST}?cursor=${encodeURIComponent(page.cursor)}`
  }
  return rows
}
