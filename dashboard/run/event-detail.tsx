import { GitCompareArrows, RotateCcw } from 'lucide-react'
import { lazy, Suspense, useId, useState } from 'react'
import type { RunDescription } from '../../shared/description.ts'
import type { RecordedEvent } from '../api/shapes.ts'
import { Ask } from '../ui/ask.tsx'
import { Json } from '../ui/json.tsx'
import { Loading } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import { resetAction } from './actions.ts'
import { ErrorChain } from './error-chain.tsx'
import { eventText, eventTitle, eventTone } from './event-text.ts'
import type { CallNames } from './event-text.ts'
import { useRefresh } from './data.ts'

const Diff = lazy(() => import('./diff.tsx'))
/** Events that are offered to compare with: the last ones of the same kind, and the one before. */
const OFFERED = 30

interface EventDetailProps {
  run: RunDescription
  events: readonly RecordedEvent[]
  recorded: RecordedEvent
  names: CallNames
}

export function EventDetail({ run, events, recorded, names }: EventDetailProps) {
  const { eventId, event } = recorded
  const [otherId, setOtherId] = useState<number | null>(null)
  const other = events.find((one) => one.eventId === otherId && one !== recorded)
  const { type: _type, at: _at, ...data } = event
  return (
    <div className="event-detail" aria-label={`Event ${eventId}`} role="region">
      <header>
        <h3 data-tone={eventTone(event)}>
          <span className="mono soft">{eventId}</span> {eventTitle(event)}
        </h3>
        <ResetButton run={run} eventId={eventId} />
      </header>
      <p className="soft">
        <Time at={event.at} /> {eventText(event, names)}
      </p>
      {'error' in event && <ErrorChain error={event.error} />}
      <Compare events={events} recorded={recorded} chosen={otherId} onChoose={setOtherId} />
      {other ? (
        <Suspense fallback={<Loading what="the difference" bones={3} />}>
          <Diff before={other.event} after={event} />
        </Suspense>
      ) : (
        <Json value={data} label="the event" />
      )}
    </div>
  )
}

interface CompareProps {
  events: readonly RecordedEvent[]
  recorded: RecordedEvent
  chosen: number | null
  onChoose: (eventId: number | null) => void
}

function Compare({ events, recorded, chosen, onChoose }: CompareProps) {
  const id = useId()
  const others = events
    .filter(({ eventId, event }) => eventId !== recorded.eventId && event.type === recorded.event.type)
    .slice(-OFFERED)
  const before = events[recorded.eventId - 2]
  if (before && !others.includes(before)) others.unshift(before)
  return (
    <div className="compare">
      <GitCompareArrows aria-hidden />
      <label htmlFor={id} className="soft">
        Compare with
      </label>
      <select
        id={id}
        className="input"
        value={chosen ?? ''}
        onChange={({ target }) => onChoose(Number(target.value) || null)}
      >
        <option value="">nothing</option>
        {others.map(({ eventId, event }) => (
          <option key={eventId} value={eventId}>
            {eventId} {eventTitle(event)}
          </option>
        ))}
      </select>
    </div>
  )
}

function ResetButton({ run, eventId }: { run: RunDescription; eventId: number }) {
  const [asking, setAsking] = useState(false)
  const refresh = useRefresh(run)
  const end = () => {
    setAsking(false)
    refresh()
  }
  return (
    <>
      <button className="button" type="button" onClick={() => setAsking(true)}>
        <RotateCcw aria-hidden /> Reset to here
      </button>
      {asking && <Ask action={resetAction(run, eventId)} onClose={end} onDone={end} />}
    </>
  )
}
