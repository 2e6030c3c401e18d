import type { RunDescription } from '../../shared/description.ts'
import type { RecordedEvent, RunRef } from '../api/shapes.ts'
import { barsOf } from './bars.ts'

export interface Relative {
  readonly key: string
  readonly relation: 'this run' | 'parent' | 'child' | 'run before' | 'run after'
  readonly run: RunRef
  readonly workflowType?: string
  readonly outcome?: string
  /** It was there before the run. */
  readonly ahead: boolean
}

export function relativesOf(run: RunDescription, events: readonly RecordedEvent[]): Relative[] {
  return [...forebears(run, events), ...children(run, events), ...successors(run, events)]
}

function forebears({ workflowId, parent }: RunDescription, events: readonly RecordedEvent[]): Relative[] {
  const first = events[0]?.event
  const before = first?.type === 'workflow_started' ? first.previousRunId : undefined
  return [
    ...(parent ? [{ key: 'parent', relation: 'parent', run: parent, ahead: true } as const] : []),
    ...(before === undefined
      ? []
      : [
          { key: 'before', relation: 'run before', run: { workflowId, runId: before }, ahead: true } as const,
        ]),
  ]
}

function children(run: RunDescription, events: readonly RecordedEvent[]): Relative[] {
  return barsOf(events, { pending: [], closedAt: run.completedAt }).flatMap((bar) =>
    bar.kind === 'child' && bar.run
      ? [
          {
            key: `child ${bar.key}`,
            relation: 'child',
            run: bar.run,
            outcome: bar.outcome,
            ahead: false,
            ...(bar.note !== undefined && { workflowType: bar.note }),
          } as const,
        ]
      : [],
  )
}

function successors({ workflowId }: RunDescription, events: readonly RecordedEvent[]): Relative[] {
  return events.flatMap(({ event }) =>
    'nextRunId' in event && event.nextRunId !== undefined
      ? [
          {
            key: 'after',
            relation: 'run after',
            run: { workflowId, runId: event.nextRunId },
            ahead: false,
          } as const,
        ]
      : [],
  )
}
