/**
 * The figures of a namespace as Prometheus reads them: its text format, version 0.0.4. What counts up begins at 0 when its shard
 * wakes, as a counter of a process that was restarted does: `rate()` and `increase()` see to that, as long as the shards
 * are told apart. docs/guide/observability.md says what each is for.
 */
import { DURATION_BOUNDS_MS } from '../shared/stats.ts'
import type { DurationStats, NamespaceStats, ShardStats } from '../shared/stats.ts'

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = Readonly<Record<string, string | number>>
/** `suffix`: of its name, as a histogram has several. */
type Sample = readonly [labels: Labels, value: number, suffix?: string]

interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** `now`: epoch ms, of which ages are counted. */
export function prometheusText(stats: NamespaceStats, now: number): string {
  const { namespace } = stats
  return [...shardMetrics(stats), ...queueMetrics(stats, now), ...archiveMetrics(stats, now)]
    .map((metric) => rendered(metric, namespace))
    .join('')
}

const SECOND_MS = 1_000

type Figure = readonly [name: string, help: string, of: (shard: ShardStats) => number | null]

const SHARD_GAUGES: readonly Figure[] = [
  ['runs_blocked', 'Open runs whose code cannot go on.', (shard) => shard.blockedRuns],
  ['runs_in_memory', 'Runs that are in memory.', (shard) => shard.liveRuns],
  ['inputs_waiting', 'Requests that wait for their turn.', (shard) => shard.inputsWaiting],
  ['database_bytes', 'Size of the database.', (shard) => shard.databaseBytes],
  ['change_events_lag', 'Events that the Queue has not taken yet.', (shard) => shard.cdcLag],
  ['wake_timestamp_seconds', 'When the shard woke.', (shard) => shard.since / SECOND_MS],
]
const SHARD_COUNTERS: readonly Figure[] = [
  ['turns', 'Turns committed.', (shard) => shard.turns],
  ['rows_written', 'Rows written, those of indexes included.', (shard) => shard.rowsWritten],
  ['requests_refused', 'Requests refused as overloaded.', (shard) => shard.refused],
]

function shardMetrics({ shards }: NamespaceStats): Metric[] {
  const each = (of: Figure[2]): Sample[] =>
    shards.flatMap((one): Sample[] => {
      const value = of(one)
      return value === null ? [] : [[{ shard: one.shard }, value]]
    })
  const byKey = (label: string, of: (shard: ShardStats) => Partial<Record<string, number>>): Sample[] =>
    shards.flatMap((one) =>
      Object.entries(of(one)).map(([key, value = 0]): Sample => [{ shard: one.shard, [label]: key }, value]),
    )
  const runs = byKey('status', (shard) => shard.runs)
  const events = byKey('type', (shard) => shard.events)
  return [
    gauge('runs', 'Runs of the hot tier.', runs),
    counter('events', 'Events recorded.', events),
    ...SHARD_GAUGES.map(([name, help, of]) => gauge(name, help, each(of))),
    ...SHARD_COUNTERS.map(([name, help, of]) => counter(name, help, each(of))),
    {
      name: 'perdure_turn_duration_seconds',
      type: 'histogram',
      help: 'Of turns that others waited for, until the next began.',
      samples: shards.flatMap(({ shard, turnDurations }) => durationSamples(shard, turnDurations)),
    },
  ]
}

/** Each bucket counts those before it too. */
function durationSamples(shard: number, durations: DurationStats | undefined): Sample[] {
  if (!durations) return []
  let count = 0
  const buckets = durations.counts.map((more, bucket): Sample => {
    count += more
    const bound = DURATION_BOUNDS_MS[bucket]
    return [{ shard, le: bound === undefined ? '+Inf' : bound / SECOND_MS }, count, '_bucket']
  })
  return [...buckets, [{ shard }, durations.sumMs / SECOND_MS, '_sum'], [{ shard }, count, '_count']]
}

function queueMetrics({ taskQueues }: NamespaceStats, now: number): Metric[] {
  const queues = Object.entries(taskQueues)
  const activities = queues.flatMap(([taskQueue, { pending, running, delayed }]) =>
    Object.entries({ pending, running, delayed }).map(([state, count]): Sample => [
      { task_queue: taskQueue, state },
      count,
    ]),
  )
  const oldest = queues.map(([taskQueue, { oldestDueAt = now }]): Sample => [
    { task_queue: taskQueue },
    ageSeconds(oldestDueAt, now),
  ])
  return [
    gauge('task_queue_activities', 'Activities that have not ended.', activities),
    gauge('task_queue_oldest_due_seconds', 'For how long an activity has been due and not begun.', oldest),
  ]
}

function archiveMetrics({ archiver, tiers }: NamespaceStats, now: number): Metric[] {
  const { waiting, heldRuns, endedAt, beganAt } = archiver
  const waitingSince: Sample = [{}, ageSeconds(waiting.since ?? now, now)]
  const runs = [
    [{ tier: 'warm' }, tiers.warm],
    [{ tier: 'cold' }, tiers.cold],
  ] as const
  return [
    gauge('archived_runs', 'Runs that have left the hot tier.', runs),
    gauge('archive_waiting_batches', 'Warm batches that are to be cold.', [[{}, waiting.batches]]),
    gauge('archive_waiting_bytes', 'Size of their objects.', [[{}, waiting.bytes]]),
    gauge('archive_waiting_seconds', 'For how long the first of them has waited.', [waitingSince]),
    gauge('archive_held_runs', 'Runs that could not be archived.', [[{}, heldRuns]]),
    gauge('archive_pass_began_timestamp_seconds', 'When the last pass began.', at(beganAt)),
    gauge('archive_pass_ended_timestamp_seconds', 'When a pass last ended.', at(endedAt)),
  ]
}

function at(moment: number | null): Sample[] {
  return moment === null ? [] : [[{}, moment / SECOND_MS]]
}

function ageSeconds(since: number, now: number): number {
  return Math.max(0, now - since) / SECOND_MS
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `perdure_${name}`, type: 'gauge', help, samples }
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `perdure_${name}_total`, type: 'counter', help, samples }
}

function rendered({ name, type, help, samples }: Metric, namespace: string): string {
  const lines = samples.map(
    ([labels, value, suffix = '']) => `${name}${suffix}${labelled({ namespace, ...labels })} ${value}\n`,
  )
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelled(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(String(value))}"`)
  return `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
