import { Link } from 'wouter'
import type { NamespaceStats } from '../../shared/stats.ts'
import { numberText } from '../ui/format.ts'
import type { Tone } from '../ui/status.tsx'

interface Tile {
  readonly label: string
  readonly value: number
  readonly tone?: Tone
  readonly href?: string
}

export function Tiles({ stats }: { stats: NamespaceStats }) {
  return (
    <ul className="tiles">
      {tilesOf(stats).map(({ label, value, tone, href }) => (
        <li key={label} className="panel tile" data-tone={value > 0 ? tone : undefined}>
          <span className="soft">{href === undefined ? label : <Link href={href}>{label}</Link>}</span>
          <strong>{numberText(value)}</strong>
        </li>
      ))}
    </ul>
  )
}

function tilesOf({ runs, blockedRuns, taskQueues, shards }: NamespaceStats): Tile[] {
  const queues = Object.values(taskQueues)
  return [
    { label: 'Running', value: runs.running ?? 0, tone: 'blue', href: '/runs?status=running' },
    { label: 'Paused', value: runs.paused ?? 0, tone: 'violet', href: '/runs?status=paused' },
    { label: 'Blocked', value: blockedRuns, tone: 'amber' },
    { label: 'Failed, hot', value: runs.failed ?? 0, tone: 'red', href: '/runs?status=failed&tiers=hot' },
    {
      label: 'Activities waiting',
      value: queues.reduce((sum, { pending }) => sum + pending, 0),
      href: '/task-queues',
    },
    {
      label: 'Activities running',
      value: queues.reduce((sum, { running }) => sum + running, 0),
      href: '/task-queues',
    },
    { label: 'Change events behind', value: shards.reduce((sum, { cdcLag }) => sum + (cdcLag ?? 0), 0) },
    { label: 'Refused', value: shards.reduce((sum, { refused }) => sum + refused, 0), tone: 'amber' },
  ]
}
