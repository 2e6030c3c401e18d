/** What routes are asked by and what they answer, where no file of shared/ has it. */
import type { HistoryPage } from '../../shared/protocol.ts'

/** One run; without `runId` the latest of the workflow. */
export interface RunRef {
  readonly workflowId: string
  readonly runId?: string
}

export interface ListPage<T> {
  items: T[]
  nextCursor?: string
}

/** How many runs there are, in all and by the values asked for. */
export interface GroupedCount {
  count: number
  groups?: Record<string, number>
}

export type RecordedEvent = HistoryPage['events'][number]
