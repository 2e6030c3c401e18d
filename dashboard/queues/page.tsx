/** What waits for Workers, and what they are doing. */
import { Link } from 'wouter'
import type { TaskQueueStats } from '../../shared/stats.ts'
import { useSamples } from '../api/stats.ts'
import { Page } from '../shell/page.tsx'
import { numberText } from '../ui/format.ts'
import { Loaded } from '../ui/query.tsx'
import { Empty } from '../ui/states.tsx'
import { Ago, useNow } from '../ui/time.tsx'

export default function TaskQueuesPage() {
  const samples = useSamples()
  return (
    <Page title="Task queues">
      <p className="soft">
        Workers are not registered anywhere: a Worker that has begun an activity renews its claim, and counts
        as running it until it answers or falls silent.
      </p>
      <section className="panel scrolls" aria-label="Task queues" tabIndex={0}>
        <Loaded query={samples} what="task queues">
          {(data) => <Queues queues={data.at(-1)?.stats.taskQueues ?? {}} />}
        </Loaded>
      </section>
    </Page>
  )
}

function Queues({ queues }: { queues: Readonly<Record<string, TaskQueueStats>> }) {
  const named = Object.entries(queues)
  if (named.length === 0) return <Empty title="No task queue is configured">Inline steps need none.</Empty>
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Task queue</th>
          <th className="number">Waiting for a Worker</th>
          <th className="number">Running in Workers</th>
          <th className="number">Delayed</th>
          <th>The longest waits since</th>
          <th>How it is</th>
        </tr>
      </thead>
      <tbody>
        {named.map(([name, queue]) => (
          <Queue key={name} name={name} queue={queue} />
        ))}
      </tbody>
    </table>
  )
}

/** From here on a queue that waits and in which nothing runs has nobody who takes from it. */
const SILENT_MS = 30_000

function Queue({ name, queue }: { name: string; queue: TaskQueueStats }) {
  const now = useNow()
  const { pending, running, delayed, oldestDueAt } = queue
  const silent = running === 0 && oldestDueAt !== undefined && now - oldestDueAt > SILENT_MS
  return (
    <tr>
      <td>
        <Link href={`/runs?${new URLSearchParams({ taskQueue: name, status: 'running' })}`}>{name}</Link>
      </td>
      <td className="number">{numberText(pending)}</td>
      <td className="number">{numberText(running)}</td>
      <td className="number">{numberText(delayed)}</td>
      <td>
        {oldestDueAt === undefined ? <span className="soft">none waits</span> : <Ago at={oldestDueAt} />}
      </td>
      <td>
        <span className="badge" data-tone={silent ? 'amber' : running > 0 ? 'green' : 'grey'}>
          {silent ? 'no Worker takes from it' : running > 0 ? 'at work' : 'idle'}
        </span>
      </td>
    </tr>
  )
}
