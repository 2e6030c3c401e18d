import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { RunDescription } from '../../shared/description.ts'
import { runHref } from '../runs/href.ts'
import { CopyButton } from '../ui/copy.tsx'
import { bytesText, numberText } from '../ui/format.ts'
import { Elapsed, Time } from '../ui/time.tsx'

export function Facts({ run }: { run: RunDescription }) {
  return (
    <dl className="facts panel">
      <Fact name="Type">{run.workflowType}</Fact>
      <Fact name="Started">
        <Time at={run.startedAt} />
      </Fact>
      <Fact name={run.completedAt === undefined ? 'Open for' : 'Took'}>
        <Elapsed from={run.startedAt} to={run.completedAt} />
      </Fact>
      <Fact name="Task queue">{run.taskQueue}</Fact>
      <Fact name="Run id">
        <span className="mono">{run.runId}</span>
        <CopyButton text={run.runId} what="the run id" />
      </Fact>
      <Fact name="History">
        {numberText(run.historyEvents)} events, {bytesText(run.historyBytes)}
      </Fact>
      <Fact name="Tier">{run.tier}</Fact>
      <Fact name="Version">
        <span className="mono clipped version" title={run.version}>
          {run.version}
        </span>
      </Fact>
      {run.parent && (
        <Fact name="Parent">
          <Link href={runHref(run.parent)}>{run.parent.workflowId}</Link>
        </Fact>
      )}
      {run.schedule && (
        <Fact name="Schedule">
          <Link href="/schedules">{run.schedule.scheduleId}</Link>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
