/** Rows as far as they are seen: a list of any length costs what a screen of it costs. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import type { RunSummary } from '../../shared/description.ts'
import { Empty } from '../ui/states.tsx'
import { numberText } from '../ui/format.ts'
import { StatusBadge } from '../ui/status.tsx'
import { Ago, Elapsed } from '../ui/time.tsx'
import { runHref } from './href.ts'

const ROW_PX = 34
/** Rows before the last one at which the next page is asked for. */
const AHEAD = 100
const COLUMNS = [
  'Status',
  'Workflow id',
  'Type',
  'Run id',
  'Task queue',
  'Started',
  'Duration',
  'Events',
  'Tier',
]

interface RunTableProps {
  rows: readonly RunSummary[]
  more: boolean
  onMore: () => void
}

export function RunTable({ rows, more, onMore }: RunTableProps) {
  const scrolled = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrolled.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && last >= rows.length - AHEAD) onMore()
  }, [more, last, rows.length, onMore])
  if (rows.length === 0) return <Empty title="No run matches">Start a workflow, or loosen the filter.</Empty>
  return (
    <>
      <div
        className="grid"
        role="table"
        aria-label="Runs"
        aria-rowcount={more ? -1 : rows.length + 1}
        ref={scrolled}
      >
        <Head />
        <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const run = rows[index]
            return run && <Row key={run.runId} run={run} index={index} start={start} />
          })}
        </div>
      </div>
      <footer className="grid-foot soft small" aria-live="off">
        {numberText(rows.length)} {more ? 'loaded, more behind them' : 'in all'}
      </footer>
    </>
  )
}

function Head() {
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} className="grid-row">
        {COLUMNS.map((name) => (
          <div role="columnheader" key={name}>
            {name}
          </div>
        ))}
      </div>
    </div>
  )
}

function Row({ run, index, start }: { run: RunSummary; index: number; start: number }) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="grid-row"
      style={{ transform: `translateY(${start}px)` }}
    >
      <div role="cell">
        <StatusBadge status={run.status} />
        {run.blocked && <BlockedMark reason={run.blocked.reason} />}
      </div>
      <div role="cell" className="clipped">
        <Link href={runHref(run)}>{run.workflowId}</Link>
      </div>
      <div role="cell" className="clipped">
        {run.workflowType}
      </div>
      <div role="cell" className="clipped mono soft" title={run.runId}>
        {run.runId}
      </div>
      <div role="cell" className="clipped soft">
        {run.taskQueue}
      </div>
      <div role="cell" className="soft">
        <Ago at={run.startedAt} />
      </div>
      <div role="cell">
        <Elapsed from={run.startedAt} to={run.completedAt} />
      </div>
      <div role="cell">{numberText(run.historyEvents)}</div>
      <div role="cell" className="soft">
        {run.tier}
      </div>
    </div>
  )
}

function BlockedMark({ reason }: { reason: string }) {
  return (
    <span className="badge" data-tone="amber" title={reason}>
      blocked
    </span>
  )
}
