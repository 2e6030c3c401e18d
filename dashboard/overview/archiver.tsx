import type { NamespaceStats } from '../../shared/stats.ts'
import { bytesText, numberText } from '../ui/format.ts'
import type { Tone } from '../ui/status.tsx'
import { Ago } from '../ui/time.tsx'

const TIERS: readonly { tier: keyof NamespaceStats['tiers']; tone: Tone; where: string }[] = [
  { tier: 'hot', tone: 'red', where: 'in its shard' },
  { tier: 'warm', tone: 'amber', where: 'one object a batch' },
  { tier: 'cold', tone: 'blue', where: 'Iceberg tables' },
]

export function Tiers({ stats: { tiers } }: { stats: NamespaceStats }) {
  const all = Math.max(1, tiers.hot + tiers.warm + tiers.cold)
  return (
    <section className="panel" aria-label="Tiers">
      <header>
        <h2>Runs by tier</h2>
      </header>
      <div className="panel-body tiers">
        <div className="tier-bar" aria-hidden>
          {TIERS.map(({ tier, tone }) => (
            <span key={tier} data-tone={tone} style={{ width: `${(tiers[tier] / all) * 100}%` }} />
          ))}
        </div>
        <dl>
          {TIERS.map(({ tier, tone, where }) => (
            <div key={tier} data-tone={tone}>
              <dt>
                <span className="legend-mark" aria-hidden /> {tier}{' '}
                <span className="soft small">{where}</span>
              </dt>
              <dd>{numberText(tiers[tier])}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  )
}

export function Archiver({ stats: { archiver } }: { stats: NamespaceStats }) {
  const { waiting, beganAt, endedAt, heldUntil, heldRuns } = archiver
  return (
    <section className="panel" aria-label="Archiver">
      <header>
        <h2>Archiver</h2>
        <span className="badge" data-tone={heldUntil === null ? 'grey' : 'blue'}>
          {heldUntil === null ? 'between two passes' : 'at work'}
        </span>
      </header>
      <dl className="panel-body pairs">
        <dt>Last pass began</dt>
        <dd>{beganAt === null ? 'never' : <Ago at={beganAt} />}</dd>
        <dt>Last pass ended</dt>
        <dd>{endedAt === null ? 'never' : <Ago at={endedAt} />}</dd>
        <dt>Warm batches on their way to the cold tier</dt>
        <dd>
          {numberText(waiting.batches)}, {numberText(waiting.runs)} runs, {bytesText(waiting.bytes)}
        </dd>
        <dt>The first of them is warm since</dt>
        <dd>{waiting.since === undefined ? '–' : <Ago at={waiting.since} />}</dd>
        <dt>Runs that could not be archived</dt>
        <dd>{numberText(heldRuns)}</dd>
      </dl>
    </section>
  )
}
