import type { ArchiveTable } from '../../shared/archive-reader.ts'
import { get } from './http.ts'

export interface ArchiveState {
  /** Those that exist; null where the scheduler has no archiver. */
  tables: ArchiveTable[] | null
}

export async function archiveState(signal: AbortSignal): Promise<ArchiveState> {
  return await get('/archive', { signal })
}
