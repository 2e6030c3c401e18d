import type { ReactNode } from 'react'
import type { ArchiveTable } from '../../shared/archive-reader.ts'
import { bytesText, numberText } from '../ui/format.ts'
import { Time } from '../ui/time.tsx'

export function Snapshots({ table }: { table: ArchiveTable }) {
  const newestFirst = table.snapshots.toReversed()
  return (
    <Listed title={`Snapshots (${numberText(newestFirst.length)})`} columns={SNAPSHOT_COLUMNS}>
      {newestFirst.map(({ snapshotId, committedAt, operation, current, summary }) => (
        <tr key={snapshotId}>
          <td className="mono">
            {snapshotId}{' '}
            {current && (
              <span className="badge" data-tone="green">
                current
              </span>
            )}
          </td>
          <td>
            <Time at={committedAt} />
          </td>
          <td>{operation}</td>
          <td className="number">{countIn(summary, 'added-records')}</td>
          <td className="number">{countIn(summary, 'total-records')}</td>
          <td className="number">{countIn(summary, 'total-data-files')}</td>
        </tr>
      ))}
    </Listed>
  )
}

export function Files({ table: { files, fileCount, location: root } }: { table: ArchiveTable }) {
  const of =
    fileCount > files.length
      ? `the first ${numberText(files.length)} of ${numberText(fileCount)}`
      : numberText(fileCount)
  return (
    <Listed title={`Files of the current snapshot (${of})`} columns={FILE_COLUMNS}>
      {files.map(({ location, day, records, bytes }) => (
        <tr key={location}>
          <td className="mono" title={location}>
            {location.replace(`${root}/`, '')}
          </td>
          <td>{day ?? '–'}</td>
          <td className="number">{numberText(records)}</td>
          <td className="number">{bytesText(bytes)}</td>
        </tr>
      ))}
    </Listed>
  )
}

interface Column {
  readonly name: string
  readonly number?: true
}

const SNAPSHOT_COLUMNS: readonly Column[] = [
  { name: 'Snapshot' },
  { name: 'Committed' },
  { name: 'Operation' },
  { name: 'Rows added', number: true },
  { name: 'Rows', number: true },
  { name: 'Files', number: true },
]
const FILE_COLUMNS: readonly Column[] = [
  { name: 'File' },
  { name: 'Closed on' },
  { name: 'Rows', number: true },
  { name: 'Size', number: true },
]

function Listed({
  title,
  columns,
  children,
}: {
  title: string
  columns: readonly Column[]
  children: ReactNode
}) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <div className="listed" role="group" aria-label={title} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              {columns.map(({ name, number }) => (
                <th key={name} className={number && 'number'}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </section>
  )
}

function countIn(summary: Readonly<Record<string, string>>, name: string): string {
  const count = summary[name]
  return count === undefined ? '–' : numberText(Number(count))
}
