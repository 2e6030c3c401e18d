/** Where an open run is, and why it is not further. */
import { Hourglass, TriangleAlert } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { PendingActivity, RunDescription, WaitingFor } from '../../shared/description.ts'
import { isOpen } from '../../shared/protocol.ts'
import { describeRun } from '../api/runs.ts'
import { useSession } from '../api/session.ts'
import { runHref } from '../runs/href.ts'
import { Ago, Elapsed } from '../ui/time.tsx'
import { BAR_ICONS } from './bar-icons.ts'

export function Waiting({ run }: { run: RunDescription }) {
  const sites = useCallSites(run)
  if (run.blocked) return <Blocked run={run} blocked={run.blocked} />
  if (!isOpen(run.status)) return null
  return (
    <section className="panel" aria-label="Waiting for">
      <header>
        <Hourglass aria-hidden className="panel-icon" />
        <h2>{run.status === 'paused' ? 'Paused: nothing is handed to its code' : 'Waiting for'}</h2>
      </header>
      {run.waitingFor.length === 0 && <p className="panel-body soft">Nothing: its code is about to go on.</p>}
      <ul className="waits">
        {run.waitingFor.map((wait, place) => (
          <Wait key={place} wait={wait} at={sites[place]?.at} pending={pendingOf(run, wait)} />
        ))}
      </ul>
    </section>
  )
}

/** Where the code called what it waits for. To find out, the run is replayed, so it is asked when the waits change only. */
function useCallSites(run: RunDescription): readonly WaitingFor[] {
  const { namespace, token } = useSession()
  const { workflowId, runId, historyEvents, waitingFor } = run
  const { data } = useQuery({
    queryKey: [namespace, token, 'call-sites', workflowId, runId, historyEvents],
    queryFn: ({ signal }) => describeRun({ workflowId, runId }, { callSites: true, signal }),
    enabled: waitingFor.length > 0,
    staleTime: Infinity,
  })
  return data?.waitingFor ?? []
}

function pendingOf(
  { pendingActivities }: RunDescription,
  { kind, name }: WaitingFor,
): PendingActivity | undefined {
  if (kind !== 'activity' && kind !== 'step') return undefined
  return pendingActivities.find(({ activityType }) => activityType === name)
}

/** Of a call site: a bundle lies where whoever made it put it. */
const DIRECTORIES = /(file:\/\/)?\/\S*\/(?=[^/]+:\d+)/

interface WaitProps {
  wait: WaitingFor
  at: string | undefined
  pending: PendingActivity | undefined
}

function Wait({ wait: { kind, name, since, until }, at, pending }: WaitProps) {
  const Icon = BAR_ICONS[kind === 'condition' ? 'message' : kind]
  return (
    <li>
      <Icon aria-hidden />
      <div>
        <div>
          {kind}{' '}
          {kind === 'child' ? (
            <Link href={runHref({ workflowId: name })}>{name}</Link>
          ) : (
            <strong>{name}</strong>
          )}{' '}
          <span className="soft">
            for <Elapsed from={since} />
            {until !== undefined && (
              <>
                , ends <Ago at={until} />
              </>
            )}
          </span>
        </div>
        {pending && <Attempts pending={pending} />}
        {at !== undefined && (
          <code className="soft" title={at}>
            {at.replace(DIRECTORIES, '')}
          </code>
        )}
      </div>
    </li>
  )
}

function Attempts({ pending: { attempt, nextAttemptAt, lastError } }: { pending: PendingActivity }) {
  return (
    <div className="soft">
      attempt {attempt}
      {nextAttemptAt !== undefined && (
        <>
          {' '}
          begins <Ago at={nextAttemptAt} />
        </>
      )}
      {lastError && <span className="wrong"> · the last one failed: {lastError.message}</span>}
    </div>
  )
}

function Blocked({ run, blocked }: { run: RunDescription; blocked: NonNullable<RunDescription['blocked']> }) {
  return (
    <div className="notice" role="status">
      <TriangleAlert aria-hidden />
      <div>
        <strong>Blocked</strong> since <Ago at={blocked.since} /> <code>{blocked.code}</code>
        <p>{blocked.reason}</p>
        <p className="soft">It goes on by itself when code that fits its history is deployed.</p>
        {blocked.eventId !== undefined && (
          <Link href={`${runHref(run)}&tab=events&event=${blocked.eventId}`}>Event {blocked.eventId}</Link>
        )}
      </div>
    </div>
  )
}
