import type { ShardStats } from '../../shared/stats.ts'
import type { Sample } from '../api/stats.ts'
import { bytesText, numberText } from '../ui/format.ts'
import { Ago } from '../ui/time.tsx'
import { ratesOf } from './rates.ts'

const COLUMNS = [
  'Shard',
  'Open',
  'In memory',
  'Turns a second',
  'Waiting',
  'Refused',
  'Events',
  'Behind',
  'Database',
  'Awake',
]

export function Shards({ samples }: { samples: readonly Sample[] }) {
  const shards = samples.at(-1)?.stats.shards ?? []
  return (
    <section className="panel scrolls" aria-label="Shards" tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {COLUMNS.map((name, place) => (
              <th key={name} className={place === 0 ? undefined : 'number'}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shards.map((shard) => (
            <ShardRow key={shard.shard} shard={shard} turns={turnsOf(samples, shard)} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function ShardRow({ shard, turns }: { shard: ShardStats; turns: number }) {
  return (
    <tr>
      <td>{shard.shard}</td>
      <td className="number">{numberText(shard.openRuns)}</td>
      <td className="number">{numberText(shard.liveRuns)}</td>
      <td className="number">{turns.toFixed(1)}</td>
      <td className="number">{numberText(shard.inputsWaiting)}</td>
      <td className="number">{numberText(shard.refused)}</td>
      <td className="number">{numberText(shard.sequence)}</td>
      <td className="number">{shard.cdcLag === null ? '–' : numberText(shard.cdcLag)}</td>
      <td className="number">{bytesText(shard.databaseBytes)}</td>
      <td className="number">
        <Ago at={shard.since} />
      </td>
    </tr>
  )
}

function turnsOf(samples: readonly Sample[], { shard }: ShardStats): number {
  const last = ratesOf(samples.slice(-2), (one) => (one.shard === shard ? one.turns : 0))
  return last.at(-1) ?? 0
}
