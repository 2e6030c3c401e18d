import type { ArchiveTable } from '../../shared/archive-reader.ts'
import type { SqlResult } from '../../shared/sql.ts'
import { get, send } from './http.ts'

export interface ArchiveState {
  /** Those that exist; null where the scheduler has no archiver. */
  tables: ArchiveTable[] | null
  /** Whether it can be asked by SQL. */
  sql: boolean
}

export async function archiveState(signal: AbortSignal): Promise<ArchiveState> {
  return await get('/archive', { signal })
}

export async function askArchive(statement: string): Promise<SqlResult> {
  return await send('POST', '/archive/sql', { body: { statement } })
}
