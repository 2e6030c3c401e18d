/** Whether the code that is deployed fits the history of a run, or where they part. */
import { Link } from 'wouter'
import type { Replayed, RunDescription } from '../../shared/description.ts'
import { replayRun } from '../api/runs.ts'
import { runHref } from '../runs/href.ts'
import type { FormAction } from '../ui/form.ts'
import { numberText } from '../ui/format.ts'

export function replayAction({ workflowId, runId }: RunDescription): FormAction {
  return {
    title: 'Replay',
    description:
      'Runs the code that is deployed now against the history, beside the run, which is not changed.',
    verb: 'Replay',
    fields: [],
    run: async () => <Outcome workflowId={workflowId} replayed={await replayRun({ workflowId, runId })} />,
  }
}

function Outcome({ workflowId, replayed }: { workflowId: string; replayed: Replayed }) {
  if (replayed.ok) return <Fits events={replayed.events} waitsAt={replayed.waitsAt} />
  const { runId, error, eventId, expected, actual } = replayed
  if (eventId === undefined)
    return (
      <>
        <Verdict tone="amber" text="Cannot be replayed" />
        <p>
          <code>{error.code}</code> {error.message}
        </p>
      </>
    )
  return (
    <>
      <Verdict tone="red" text="Differs" />
      <dl className="outcome">
        <dt>First at</dt>
        <dd>
          <Link href={`${runHref({ workflowId, runId })}&tab=events&event=${eventId}`}>event {eventId}</Link>
        </dd>
        <dt>It recorded</dt>
        <dd className="mono">{expected}</dd>
        <dt>The code asks for</dt>
        <dd className="mono">{actual}</dd>
      </dl>
    </>
  )
}

function Fits({ events, waitsAt }: { events: number; waitsAt: readonly string[] }) {
  return (
    <>
      <Verdict tone="green" text="Fits" />
      <p>The code asks for what the {numberText(events)} events recorded.</p>
      {waitsAt.length > 0 && (
        <>
          <p>It waits in</p>
          <ul className="outcome mono">
            {waitsAt.map((frame) => (
              <li key={frame}>{frame}</li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function Verdict({ tone, text }: { tone: 'green' | 'amber' | 'red'; text: string }) {
  return (
    <span className="badge" data-tone={tone}>
      {text}
    </span>
  )
}
