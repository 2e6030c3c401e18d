/** What of a simulated world is driven, and what is looked at. */
import type { WorkflowClient } from '../../shared/client.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import type { Time } from '../../shared/time.ts'
import type { Effects } from './effects.ts'

/** A Durable Object's disk. */
export interface DiskView {
  readonly sql: {
    exec(text: string, ...bindings: (string | number)[]): { toArray(): Record<string, unknown>[] }
  }
  /** Epoch ms; null while none is set. */
  readonly alarmAt: number | null
}

export interface WorldView {
  readonly time: Time
  readonly disks: () => readonly DiskView[]
  /** As consumers got them, those that came again included; null: the world has no sink. */
  readonly changeEvents: () => readonly WorkflowCdcEvent[] | null
  readonly effects: Effects
  /** Whether anything is lost, late, or comes twice in it. */
  readonly faulty: boolean
}

export interface DrivenWorld extends WorldView {
  readonly client: WorkflowClient
  advance(ms: number): Promise<void>
  /** No more faults. */
  calm(): Promise<void>
}
