/** What of a simulated world is driven, and what is looked at. */
import type { WorkflowClient } from '../../shared/client.ts'
import type { Finding } from '../../shared/health.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import type { Time } from '../../shared/time.ts'
import type { Ledger } from './archive/ledger.ts'
import type { ArchivePlan } from './archive/plan.ts'
import type { Effects } from './effects.ts'
import type { Watched } from './watch.ts'

/** A Durable Object's disk. */
export interface DiskView {
  readonly sql: {
    exec(text: string, ...bindings: (string | number)[]): { toArray(): Record<string, unknown>[] }
  }
  /** Epoch ms; null while none is set. */
  readonly alarmAt: number | null
}

export interface ArchiveView {
  readonly plan: ArchivePlan
  readonly ledger: Ledger
  readonly bucket: R2Bucket
  /** Of all that is in it. */
  readonly keys: () => readonly string[]
  /** How passes ended that should not have. */
  readonly surprises: readonly string[]
  /** Of the last pass, by name. */
  readonly figures: Readonly<Record<string, number>>
  /** Whether that time has gone by. */
  readonly aged: boolean
  /** Lets the time go by after which nothing that is left over may be left. */
  age(): Promise<void>
}

export interface WorldView {
  readonly time: Time
  readonly disks: () => readonly DiskView[]
  /** As consumers got them, those that came again included; null: the world has no sink. */
  readonly changeEvents: () => readonly WorkflowCdcEvent[] | null
  readonly effects: Effects
  /** Null: the world has no archiver. */
  readonly archive: ArchiveView | null
  readonly watched: Watched
  /** Whether anything is lost, late, or comes twice in it. */
  readonly faulty: boolean
}

export interface DrivenWorld extends WorldView {
  readonly client: WorkflowClient
  advance(ms: number): Promise<void>
  /** By the doctor: what is wrong with its shards. */
  examined(): Promise<Finding[]>
  /** Faults again. */
  storm(): void
  /** No more faults. */
  calm(): Promise<void>
}
