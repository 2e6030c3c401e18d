/** What SQL over the archive answers, where `perdure dev` runs. */
import type { Json } from './payload.ts'

export const MAX_STATEMENT_LENGTH = 65_536

export interface SqlResult {
  columns: { name: string; type: string }[]
  /** By column. Whole numbers of 64 bits and more, times and bytes are texts. */
  rows: Json[][]
  /** There are more rows than these. */
  truncated: boolean
  tookMs: number
}
