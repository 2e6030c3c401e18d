/** The table from outside, as Markdown. */
import { markdownTable } from 'markdown-table'
import type { Document } from '../document.ts'
import { whereWas } from '../machine.ts'
import { type Row, spreadText } from '../outside/report.ts'
import type { SystemName } from '../outside/system.ts'

const NAMES: Record<SystemName, string> = { perdure: 'perdure', restate: 'Restate', dbos: 'DBOS' }

export function outside({ outside: measured }: Document): string {
  if (measured === null)
    return 'The run that this page shows was without them; `npm run bench -- --peers` has them.'
  const { versions, rows, date, machine } = measured
  const names = (Object.keys(NAMES) as SystemName[]).filter((name) => versions[name] !== undefined) // its keys are written above
  const head = ['', '', ...names.map((name) => `${NAMES[name]} (${versions[name]})`), 'ratio', 'target']
  const lines = rows.map((row, n) => [
    row.workload === rows[n - 1]?.workload ? '' : row.workload,
    row.figure,
    ...names.map((name) => spreadText(row.systems[name])),
    row.ratio === null ? '' : `${row.ratio}x`,
    targetText(row),
  ])
  const table = markdownTable([head, ...lines], { align: head.map((_, column) => (column < 2 ? '' : 'r')) })
  if (date === undefined || machine === undefined) return table
  return `${whereWas('npm run bench:outside', { date, machine })}\n\n${table}`
}

function targetText({ target, met }: Row): string {
  if (target === null) return ''
  return met === null ? target : `${met ? '✓' : '✗'} ${target}`
}
