import { CalendarClock, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { ScheduleDescription, ScheduleSpec } from '../../shared/schedule.ts'
import { runHref } from '../runs/href.ts'
import { Ago, Time } from '../ui/time.tsx'
import { ScheduleActions } from './actions-menu.tsx'

/** Times that are shown of those that come, and of those that have been. */
const SHOWN = 5

export function ScheduleCard({ schedule }: { schedule: ScheduleDescription }) {
  const { scheduleId, paused, lastRefused } = schedule
  return (
    <article className="panel" aria-label={scheduleId}>
      <header>
        <CalendarClock aria-hidden className="panel-icon" />
        <h2 className="clipped">{scheduleId}</h2>
        <span className="badge" data-tone={paused ? 'violet' : 'green'}>
          {paused ? 'paused' : 'active'}
        </span>
        <ScheduleActions schedule={schedule} />
      </header>
      <div className="panel-body schedule">
        <Rules schedule={schedule} />
        <Times title="Next" empty={paused ? 'none while it is paused' : 'none'}>
          {schedule.nextRuns.slice(0, SHOWN).map((at) => (
            <li key={at}>
              <Time at={at} />
            </li>
          ))}
        </Times>
        <Times title="Last" empty="none yet">
          {schedule.recentRuns.slice(-SHOWN).map((run) => (
            <li key={run.runId}>
              <Link href={runHref(run)}>{run.workflowId}</Link>{' '}
              <span className="soft">
                <Ago at={run.scheduledAt} />
              </span>
            </li>
          ))}
        </Times>
      </div>
      {lastRefused && <Refused {...lastRefused} />}
    </article>
  )
}

function Refused({ scheduledAt, message, code }: NonNullable<ScheduleDescription['lastRefused']>) {
  return (
    <p className="refused">
      <TriangleAlert aria-hidden /> <Ago at={scheduledAt} />: {message} <code>{code}</code>
    </p>
  )
}

function Rules({ schedule: { workflowType, spec, policy, note } }: { schedule: ScheduleDescription }) {
  return (
    <dl className="pairs">
      <Pair name="Workflow">{workflowType}</Pair>
      <Pair name="When">
        <code>{specText(spec)}</code>
      </Pair>
      <Pair name="Overlap">{policy.overlap ?? 'skip'}</Pair>
      {note !== undefined && <Pair name="Note">{note}</Pair>}
    </dl>
  )
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Times({ title, empty, children }: { title: string; empty: string; children: ReactNode[] }) {
  return (
    <div>
      <h3 className="label">{title}</h3>
      {children.length === 0 ? <p className="soft">{empty}</p> : <ol>{children}</ol>}
    </div>
  )
}

function specText({ cron, every, timeZone }: ScheduleSpec): string {
  const zone = timeZone === undefined ? '' : ` ${timeZone}`
  const rules = [
    ...(cron === undefined ? [] : [cron].flat()),
    ...(every === undefined ? [] : [`every ${every}`]),
  ]
  return `${rules.join(', ')}${zone}`
}
