/** The metrics of a namespace, as a parser of Prometheus' text format reads them. */
import parse from 'parse-prometheus-text-format'
import { describe, expect, test } from 'vitest'
import { Durations } from '../../scheduler-do/durations.ts'
import { prometheusText } from '../../scheduler-do/prometheus.ts'
import { namespaceStats } from '../../shared/stats.ts'
import { figures } from './figures.ts'

const lease = { fence: 4, heldUntil: null, beganAt: 8_000, endedAt: null }
const stats = namespaceStats('shop', [figures(0), { ...figures(1), cdcLag: null }], lease)
const text = prometheusText(stats, 10_000)

const families = new Map(parse(text).map((family) => [family.name, family]))
const samples = (name: string) => families.get(name)?.metrics

describe('the metrics', () => {
  test('have names, types and units by the conventions', () => {
    for (const { name, type, help } of families.values()) {
      expect(name).toMatch(/^perdure_[a-z_]+$/)
      expect(name.endsWith('_total')).toBe(type === 'COUNTER')
      expect(help).not.toBe('')
    }
    expect(families.size).toBeGreaterThan(15)
  })

  test('tell shards, statuses and types apart', () => {
    expect(samples('perdure_runs')).toHaveLength(6)
    expect(samples('perdure_runs')).toContainEqual({
      value: '3',
      labels: { namespace: 'shop', shard: '1', status: 'running' },
    })
    expect(samples('perdure_events_total')).toContainEqual({
      value: '9',
      labels: { namespace: 'shop', shard: '0', type: 'workflow_started' },
    })
  })

  test('add up task queues of all shards, whatever their names', () => {
    expect(samples('perdure_task_queue_activities')).toContainEqual({
      value: '8',
      labels: { namespace: 'shop', task_queue: 'two "words"\\', state: 'delayed' },
    })
    expect(samples('perdure_task_queue_oldest_due_seconds')?.map(({ value }) => value)).toEqual(['5', '0'])
  })

  test('leave out what is not known', () => {
    expect(samples('perdure_change_events_lag')).toMatchObject([{ value: '2', labels: { shard: '0' } }])
    expect(samples('perdure_archive_pass_began_timestamp_seconds')?.map(({ value }) => value)).toEqual(['8'])
    expect(text).not.toContain('perdure_archive_pass_ended_timestamp_seconds{')
  })

  test('have a histogram of turns, whose buckets count those before them too', () => {
    const turnDurations = new Durations()
    for (const ms of [0, 1, 3, 5, 5, 9_999, 60_000]) turnDurations.add(ms)
    const one = prometheusText(namespaceStats('shop', [{ ...figures(0), turnDurations }], lease), 10_000)
    const [histogram] = parse(one).filter(({ type }) => type === 'HISTOGRAM')
    expect(histogram?.name).toBe('perdure_turn_duration_seconds')
    const buckets = { '0.001': '2', '0.002': '2', '0.005': '5', '5': '5', '10': '6', '+Inf': '7' }
    expect(histogram?.metrics).toMatchObject([{ buckets }])
    const labels = 'namespace="shop",shard="0"'
    expect(one).toContain(`${histogram?.name}_bucket{${labels},le="+Inf"} 7\n`)
    expect(one).toContain(`${histogram?.name}_sum{${labels}} 70.013\n`)
    expect(one).toContain(`${histogram?.name}_count{${labels}} 7\n`)
  })

  test('leave out the turns of a shard that does not count them', () => {
    const { turnDurations: _, ...older } = figures(2)
    expect(prometheusText(namespaceStats('shop', [older], lease), 10_000)).not.toContain('_bucket')
  })

  test('say how far the archiver is', () => {
    expect(samples('perdure_archive_waiting_batches')?.[0]?.value).toBe('2')
    expect(samples('perdure_archive_waiting_seconds')?.[0]?.value).toBe('6.001')
    expect(samples('perdure_archived_runs')?.map(({ value }) => value)).toEqual(['20', '200'])
  })
})
