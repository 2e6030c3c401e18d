/** What a check finds: a finding, and as a plain value what would mend it. */
import type { CommandEvent, ParentLink } from '../../shared/core/events.ts'
import type { Finding } from '../../shared/health.ts'
import type { DerivedTable } from '../store/health.ts'
import type { SqlValue } from '../store/sql.ts'

export interface Flaw extends Finding {
  /** In this order. Absent: history or the archive is damaged, and no row is written without knowing what it was. */
  readonly mend?: readonly Mend[]
}

export type Mend =
  /** The call that history has recorded is issued once more: its row is written, its message sent. */
  | { kind: 'issue'; runId: string; event: CommandEvent }
  /** The run is brought into memory, and its steps are begun anew. */
  | { kind: 'wake'; runId: string }
  | { kind: 'delete_row'; table: DerivedTable; runId: string; id?: number | string }
  | { kind: 'set_run'; runId: string; columns: Readonly<Record<string, SqlValue>> }
  | { kind: 'set_latest'; workflowId: string; runId: string }
  /** What the rows of a run say is due is taken up into memory, and the alarm set for it. */
  | { kind: 'take_up'; runId: string }
  | { kind: 'arm' }
  /** Messages to a shard are numbered from behind its watermark. */
  | { kind: 'renumber'; shard: number; watermark: number }
  | { kind: 'set_position' }
  | { kind: 'advance_schedule'; scheduleId: string }
  | { kind: 'leave_line'; taskQueue: string; concurrencyKey: string; holder: ParentLink }
