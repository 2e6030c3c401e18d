/** The calls of a run on its time axis, one to a row, with their retries. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { scaleTime, scaleUtc } from 'd3-scale'
import type { ScaleTime } from 'd3-scale'
import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { RunDescription } from '../../shared/description.ts'
import type { RecordedEvent } from '../api/shapes.ts'
import { useSession } from '../api/session.ts'
import type { Clock } from '../api/session.ts'
import { Empty } from '../ui/states.tsx'
import { Tip } from '../ui/tip.tsx'
import { useNow } from '../ui/time.tsx'
import { barsOf } from './bars.ts'
import { BarRow } from './bar-row.tsx'
import './timeline.css'

const ROW_PX = 28
const TICKS = 6
const MOST_ZOOM = 64
/** Percent of the width: behind the last bar there is room for its words. */
const END = 88

export type Axis = ScaleTime<number, number>

export function Timeline({ run, events }: { run: RunDescription; events: readonly RecordedEvent[] }) {
  const now = useNow()
  const [zoom, setZoom] = useState(1)
  const { pendingActivities: pending, completedAt: closedAt } = run
  const bars = useMemo(() => barsOf(events, { pending, closedAt }), [events, pending, closedAt])
  const until = Math.max(closedAt ?? now, run.startedAt + 1)
  const axis = axisOf(useSession().clock, [run.startedAt, until])
  const scrolled = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: bars.length,
    getScrollElement: () => scrolled.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  })
  if (bars.length === 0) return <Empty title="It has called nothing yet" />
  return (
    <section className="panel" aria-label="Timeline">
      <Toolbar zoom={zoom} onZoom={setZoom} count={bars.length} />
      <div className="timeline" ref={scrolled} tabIndex={0} role="group" aria-label="Calls on the time axis">
        <div className="timeline-inner" style={{ width: `${zoom * 100}%` }}>
          <Scale axis={axis} ticks={TICKS * zoom} />
          <ol className="timeline-rows" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const bar = bars[index]
              return bar && <BarRow key={bar.key} bar={bar} run={run} axis={axis} top={start} until={until} />
            })}
          </ol>
        </div>
      </div>
    </section>
  )
}

interface ToolbarProps {
  zoom: number
  onZoom: (zoom: number) => void
  count: number
}

function Toolbar({ zoom, onZoom, count }: ToolbarProps) {
  const tools = [
    { label: 'Zoom out', icon: ZoomOut, to: zoom / 2, off: zoom <= 1 },
    { label: 'Zoom in', icon: ZoomIn, to: zoom * 2, off: zoom >= MOST_ZOOM },
    { label: 'Whole run', icon: Maximize2, to: 1, off: zoom === 1 },
  ]
  return (
    <header>
      <h2>
        {count} {count === 1 ? 'call' : 'calls'}
      </h2>
      {tools.map(({ label, icon: Icon, to, off }) => (
        <Tip key={label} text={label}>
          <button
            className="button"
            data-look="bare"
            data-square
            type="button"
            aria-label={label}
            disabled={off}
            onClick={() => onZoom(to)}
          >
            <Icon aria-hidden />
          </button>
        </Tip>
      ))}
    </header>
  )
}

function Scale({ axis, ticks }: { axis: Axis; ticks: number }) {
  const text = axis.tickFormat()
  return (
    <div className="timeline-scale" aria-hidden>
      <div className="timeline-track">
        {axis.ticks(ticks).map((tick) => (
          <span key={tick.getTime()} className="tick" style={{ left: `${axis(tick)}%` }}>
            {text(tick)}
          </span>
        ))}
      </div>
    </div>
  )
}

function axisOf(clock: Clock, [from, to]: [number, number]): Axis {
  const scale = clock === 'utc' ? scaleUtc() : scaleTime()
  return scale.domain([from, to]).range([0, END])
}
