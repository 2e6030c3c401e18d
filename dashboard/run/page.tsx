/** One run: how it is, what it waits for, what has happened, and what can be done with it. */
import { Tabs } from '@base-ui/react/tabs'
import { lazy, Suspense } from 'react'
import { navigate, useSearch } from 'wouter/use-browser-location'
import type { RunDescription } from '../../shared/description.ts'
import { runHref } from '../runs/href.ts'
import { Page } from '../shell/page.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { Loaded } from '../ui/query.tsx'
import { Empty, Loading } from '../ui/states.tsx'
import { StatusBadge } from '../ui/status.tsx'
import { RunActions } from './actions-menu.tsx'
import { useHistory, useRun } from './data.ts'
import { Facts } from './facts.tsx'
import { Payloads } from './payloads.tsx'
import { Timeline } from './timeline.tsx'
import { Waiting } from './waiting.tsx'
import './run.css'

const EventList = lazy(() => import('./events.tsx'))
const Relations = lazy(() => import('./relations.tsx'))

export default function RunPage() {
  const asked = new URLSearchParams(useSearch())
  const workflowId = asked.get('workflowId')
  const runId = asked.get('runId')
  if (workflowId === null) return <Empty title="Which run?">The address names none.</Empty>
  return <RunOf key={`${workflowId}/${runId}`} workflowId={workflowId} runId={runId} />
}

function RunOf({ workflowId, runId }: { workflowId: string; runId: string | null }) {
  const run = useRun({ workflowId, ...(runId !== null && { runId }) })
  return (
    <Page
      title={workflowId}
      heading={<Heading workflowId={workflowId} run={run.data} />}
      actions={run.data && <RunActions run={run.data} />}
    >
      <Loaded query={run} what="the run">
        {(data) => (
          <>
            <Facts run={data} />
            <Waiting run={data} />
            <Payloads run={data} />
            <Happened run={data} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Heading({ workflowId, run }: { workflowId: string; run: RunDescription | undefined }) {
  return (
    <div className="run-heading">
      <h1 className="clipped">{workflowId}</h1>
      <CopyButton text={workflowId} what="the workflow id" />
      <span aria-live="polite">{run && <StatusBadge status={run.status} />}</span>
      {run?.blocked && (
        <span className="badge" data-tone="amber">
          blocked
        </span>
      )}
    </div>
  )
}

const TABS = { timeline: 'Timeline', events: 'Events', relations: 'Relations' }

function Happened({ run }: { run: RunDescription }) {
  const asked = new URLSearchParams(useSearch())
  const history = useHistory(run)
  const tab = asked.get('tab') ?? 'timeline'
  const event = Number(asked.get('event')) || null
  const show = (next: string) => navigate(`${runHref(run)}&tab=${next}`, { replace: true })
  return (
    <Tabs.Root value={tab} onValueChange={show}>
      <Tabs.List className="tabs" aria-label="What has happened">
        {Object.entries(TABS).map(([value, label]) => (
          <Tabs.Tab key={value} value={value} className="tab">
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Loaded query={history} what="the history">
        {(events) => (
          <>
            <Tabs.Panel value="timeline" className="tab-panel">
              <Timeline run={run} events={events} />
            </Tabs.Panel>
            <Tabs.Panel value="events" className="tab-panel">
              <Suspense fallback={<Loading what="the events" />}>
                <EventList run={run} events={events} selected={event} />
              </Suspense>
            </Tabs.Panel>
            <Tabs.Panel value="relations" className="tab-panel">
              <Suspense fallback={<Loading what="relations" />}>
                <Relations run={run} events={events} />
              </Suspense>
            </Tabs.Panel>
          </>
        )}
      </Loaded>
    </Tabs.Root>
  )
}
