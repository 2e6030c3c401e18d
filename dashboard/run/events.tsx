/** The history of a run, event by event; one of them can be looked into. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { RunDescription } from '../../shared/description.ts'
import type { RecordedEvent } from '../api/shapes.ts'
import { runHref } from '../runs/href.ts'
import { durationText } from '../ui/format.ts'
import { Empty } from '../ui/states.tsx'
import { EventDetail } from './event-detail.tsx'
import { callNames, eventText, eventTitle, eventTone } from './event-text.ts'
import type { CallNames } from './event-text.ts'
import './events.css'

const ROW_PX = 32

interface EventListProps {
  run: RunDescription
  events: readonly RecordedEvent[]
  /** Its event id. */
  selected: number | null
}

export default function EventList({ run, events, selected }: EventListProps) {
  const [sought, setSought] = useState('')
  const names = useMemo(() => callNames(events), [events])
  const shown = useMemo(() => events.filter(matches(sought, names)), [events, sought, names])
  const event = events.find(({ eventId }) => eventId === selected) ?? events.at(-1)
  return (
    <section className="panel events" aria-label="Events">
      <div className="event-side">
        <input
          className="input"
          aria-label="Find events"
          placeholder="Find events"
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
        <Rows run={run} events={shown} names={names} selected={event?.eventId ?? null} />
      </div>
      {event && <EventDetail run={run} events={events} recorded={event} names={names} />}
    </section>
  )
}

function matches(sought: string, names: CallNames): (recorded: RecordedEvent) => boolean {
  const words = sought.toLowerCase()
  return ({ event }) => `${eventTitle(event)} ${eventText(event, names)}`.toLowerCase().includes(words)
}

function Rows({ run, events, names, selected }: EventListProps & { names: CallNames }) {
  const scrolled = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scrolled.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  const place = events.findIndex(({ eventId }) => eventId === selected)
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place)
  }, [place, virtual])
  if (events.length === 0) return <Empty title="No event matches" />
  return (
    <div className="event-scroll" ref={scrolled}>
      <ol className="event-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const recorded = events[index]
          const row = { run, names, start, selected: recorded?.eventId === selected }
          return recorded && <Row key={recorded.eventId} recorded={recorded} {...row} />
        })}
      </ol>
    </div>
  )
}

interface RowProps {
  run: RunDescription
  recorded: RecordedEvent
  names: CallNames
  start: number
  selected: boolean
}

function Row({ run, recorded: { eventId, event }, names, start, selected }: RowProps) {
  return (
    <li className="event-row" style={{ transform: `translateY(${start}px)` }} data-tone={eventTone(event)}>
      <Link
        href={`${runHref(run)}&tab=events&event=${eventId}`}
        replace
        aria-current={selected ? 'true' : undefined}
      >
        <span className="event-id mono">{eventId}</span>
        <span className="event-dot" aria-hidden />
        <span className="event-title">{eventTitle(event)}</span>
        <span className="soft clipped">{eventText(event, names)}</span>
        <span className="event-at soft mono">+{durationText(event.at - run.startedAt)}</span>
      </Link>
    </li>
  )
}
