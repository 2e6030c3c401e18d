import { Link } from 'wouter'
import type { RunDescription } from '../../shared/description.ts'
import { runHref } from '../runs/href.ts'
import { durationText } from '../ui/format.ts'
import type { Tone } from '../ui/status.tsx'
import { BAR_ICONS } from './bar-icons.ts'
import type { Bar, Outcome } from './bars.ts'
import type { Axis } from './timeline.tsx'

const OUTCOME_TONES: Readonly<Record<Outcome, Tone>> = {
  open: 'blue',
  completed: 'green',
  failed: 'red',
  'timed out': 'red',
  cancelled: 'amber',
  terminated: 'grey',
  'left open': 'grey',
}

interface BarRowProps {
  bar: Bar
  run: RunDescription
  axis: Axis
  top: number
  /** Where the axis ends. */
  until: number
}

export function BarRow({ bar, run, axis, top, until }: BarRowProps) {
  const Icon = BAR_ICONS[bar.kind]
  const from = axis(bar.from)
  const to = Math.max(from, axis(bar.to ?? until))
  return (
    <li
      className="bar-row"
      style={{ transform: `translateY(${top}px)` }}
      data-tone={OUTCOME_TONES[bar.outcome]}
    >
      <Link href={`${runHref(run)}&tab=events&event=${bar.eventIds.at(-1)}`}>
        <span className="bar-label">
          <Icon aria-hidden />
          <span className="clipped">{bar.label}</span>
          {bar.note && <span className="soft clipped">{bar.note}</span>}
        </span>
        <span className="timeline-track">
          <span
            className="bar"
            data-point={bar.kind === 'signal' ? '' : undefined}
            data-open={bar.to === null ? '' : undefined}
            data-retried={bar.attempt > 1 ? '' : undefined}
            style={{ left: `${from}%`, width: `${to - from}%` }}
          />
          <span className="bar-text" style={{ left: `${to}%` }}>
            {took(bar, until)}
            <span className="unseen">{described(bar)}</span>
            {bar.attempt > 1 && <span className="bar-attempts">{bar.attempt} attempts</span>}
          </span>
        </span>
      </Link>
    </li>
  )
}

function took({ kind, from, to }: Bar, until: number): string {
  return kind === 'signal' ? '' : durationText((to ?? until) - from)
}

function described({ kind, outcome, lastError }: Bar): string {
  return lastError ? `${kind} ${outcome}: ${lastError.message}` : `${kind} ${outcome}`
}
