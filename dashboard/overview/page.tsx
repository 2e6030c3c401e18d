/** How a namespace is doing, now and in the last minutes. */
import { useQuery } from '@tanstack/react-query'
import type { HistoryEventType } from '../../shared/core/events.ts'
import type { ShardStats } from '../../shared/stats.ts'
import { listRuns } from '../api/runs.ts'
import { useSession } from '../api/session.ts'
import { useSamples } from '../api/stats.ts'
import type { Sample } from '../api/stats.ts'
import { Page } from '../shell/page.tsx'
import { durationText, numberText } from '../ui/format.ts'
import { Loaded } from '../ui/query.tsx'
import type { Tone } from '../ui/status.tsx'
import { Archiver, Tiers } from './archiver.tsx'
import { Chart } from './chart.tsx'
import type { Series } from './chart.tsx'
import { quantile, ratesOf } from './rates.ts'
import { Shards } from './shards.tsx'
import { Tiles } from './tiles.tsx'
import './overview.css'

export default function OverviewPage() {
  const samples = useSamples()
  return (
    <Page title="Overview">
      <Loaded query={samples} what="the figures">
        {(data) => <Figures samples={data} />}
      </Loaded>
    </Page>
  )
}

function Figures({ samples }: { samples: readonly Sample[] }) {
  const last = samples.at(-1)
  const times = samples.map(({ at }) => at)
  if (!last) return null
  const { stats } = last
  return (
    <>
      <Tiles stats={stats} />
      <div className="charts">
        <Chart title="Runs a second" times={times} series={runRates(samples)} text={perSecond} />
        <Chart
          title="Activities and steps a second"
          times={times}
          series={callRates(samples)}
          text={perSecond}
        />
        <Chart title="Backlog by task queue" times={times} series={backlogs(samples)} text={numberText} />
        <Chart title="Longest wait for a Worker" times={times} series={delays(samples)} text={durationText} />
        <Chart title="Turns a second" times={times} series={turnRates(samples)} text={perSecond} />
        <Durations />
      </div>
      <div className="halves">
        <Tiers stats={stats} />
        <Archiver stats={stats} />
      </div>
      <Shards samples={samples} />
    </>
  )
}

function runRates(samples: readonly Sample[]): Series[] {
  return [
    { label: 'started', tone: 'blue', values: ratesOf(samples, counted('workflow_started')) },
    { label: 'completed', tone: 'green', values: ratesOf(samples, counted('workflow_completed')) },
    { label: 'not completed', tone: 'red', values: ratesOf(samples, counted(...UNWELL)) },
  ]
}

const UNWELL = ['workflow_failed', 'workflow_timed_out', 'workflow_cancelled', 'workflow_terminated'] as const

function callRates(samples: readonly Sample[]): Series[] {
  return [
    {
      label: 'completed',
      tone: 'green',
      values: ratesOf(samples, counted('activity_completed', 'step_completed')),
    },
    {
      label: 'failed',
      tone: 'red',
      values: ratesOf(samples, counted('activity_failed', 'activity_timed_out', 'step_failed')),
    },
  ]
}

function turnRates(samples: readonly Sample[]): Series[] {
  return [
    { label: 'turns', tone: 'violet', values: ratesOf(samples, ({ turns }) => turns) },
    { label: 'rows written', tone: 'teal', values: ratesOf(samples, ({ rowsWritten }) => rowsWritten) },
  ]
}

const TONES: readonly Tone[] = ['blue', 'teal', 'violet', 'amber', 'green', 'red', 'grey']

function byQueue(
  samples: readonly Sample[],
  value: (sample: Sample, queue: string) => number | null,
): Series[] {
  const names = Object.keys(samples.at(-1)?.stats.taskQueues ?? {})
  return names.map((label, place) => ({
    label,
    tone: TONES[place % TONES.length] ?? 'grey',
    values: samples.map((sample) => value(sample, label)),
  }))
}

function backlogs(samples: readonly Sample[]): Series[] {
  return byQueue(samples, ({ stats }, queue) => stats.taskQueues[queue]?.pending ?? null)
}

function delays(samples: readonly Sample[]): Series[] {
  return byQueue(samples, ({ at, stats }, queue) => {
    const since = stats.taskQueues[queue]?.oldestDueAt
    return since === undefined ? 0 : Math.max(0, at - since)
  })
}

function counted(...types: HistoryEventType[]): (shard: ShardStats) => number {
  return ({ events }) => types.reduce((sum, type) => sum + (events[type] ?? 0), 0)
}

function perSecond(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : numberText(Math.round(rate))
}

/** The API has no latencies: those of the last runs that have closed are looked at. */
function Durations() {
  const { namespace, token } = useSession()
  const { data } = useQuery({
    queryKey: [namespace, token, 'durations'],
    queryFn: ({ signal }) => listRuns({ orderBy: ['-closedAt'] }, undefined, signal),
    refetchInterval: 5_000,
  })
  const closed = (data?.items ?? []).flatMap(({ startedAt, completedAt }) =>
    completedAt === undefined ? [] : [completedAt - startedAt],
  )
  return (
    <section className="panel durations" aria-label="Duration of the last runs">
      <h2>Duration of the last {numberText(closed.length)} runs that closed</h2>
      <dl>
        {[0.5, 0.95, 0.99, 1].map((at) => {
          const value = quantile(closed, at)
          return (
            <div key={at}>
              <dt className="soft">{at === 1 ? 'longest' : `p${at * 100}`}</dt>
              <dd>{value === null ? '–' : durationText(value)}</dd>
            </div>
          )
        })}
      </dl>
    </section>
  )
}
