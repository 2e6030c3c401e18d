/** An event in a few words, beside its name. */
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { RecordedEvent } from '../api/shapes.ts'
import type { Tone } from '../ui/status.tsx'

/** By call, what it was of: its outcome is stored without that. */
export type CallNames = ReadonlyMap<number, string>

export function callNames(events: readonly RecordedEvent[]): CallNames {
  return new Map(
    events.flatMap(({ event }) => {
      const name = nameIn(event)
      return 'seq' in event && name !== undefined ? [[event.seq, name] as const] : []
    }),
  )
}

export function eventTitle(event: HistoryEvent): string {
  const words = event.type.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function eventText(event: HistoryEvent, names: CallNames): string {
  const parts = [
    nameIn(event) ?? ('seq' in event ? names.get(event.seq) : undefined),
    'attempt' in event && event.attempt !== undefined && event.attempt > 1 && `attempt ${event.attempt}`,
    'kind' in event && event.kind,
    'error' in event && event.error.message,
    'reason' in event && event.reason,
    'patchId' in event && event.patchId,
    'toEvent' in event && `to event ${event.toEvent}`,
  ]
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' · ')
}

export function eventTone({ type }: HistoryEvent): Tone {
  if (/_(failed|timed_out|start_failed)$/.test(type)) return 'red'
  if (/_(cancelled|cancel_requested|terminated)$/.test(type)) return 'amber'
  if (/_(completed|fired|delivered)$/.test(type)) return 'green'
  if (/^(signal|update)/.test(type)) return 'violet'
  return type.startsWith('workflow_') ? 'teal' : 'blue'
}

function nameIn(event: HistoryEvent): string | undefined {
  if ('activityType' in event) return event.activityType
  if ('name' in event) return event.name
  if ('names' in event) return event.names.join(', ')
  if ('workflowType' in event && event.type === 'workflow_started') return event.workflowType
  return 'workflowId' in event ? event.workflowId : undefined
}
