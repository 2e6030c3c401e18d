/** What a query has found, as a table: only the rows in view are there. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { Json } from '../../shared/payload.ts'
import type { SqlResult } from '../../shared/sql.ts'
import { durationText, numberText } from '../ui/format.ts'

const ROW_PX = 29

/** How many there are, and how long it took. */
export function countText({ rows: { length }, truncated, tookMs }: SqlResult): string {
  const rows = `${numberText(length)} ${length === 1 ? 'row' : 'rows'}`
  return `${truncated ? `The first ${rows}; there are more` : rows} · ${durationText(tookMs)}`
}

export function SqlRows({ result: { columns, rows } }: { result: SqlResult }) {
  const scrolled = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrolled.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  })
  const shown = virtual.getVirtualItems()
  const above = shown[0]?.start ?? 0
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)
  const numbers = columns.map(({ type }) => NUMBER.test(type))
  return (
    <div className="listed" role="group" aria-label="Rows found" tabIndex={0} ref={scrolled}>
      <table className="table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ name, type }, column) => (
              <th key={column} className={numbers[column] ? 'number' : undefined} title={type}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap px={above} />
          {shown.map(({ index, key }) => (
            <tr key={key} data-index={index} aria-rowindex={index + 2} ref={virtual.measureElement}>
              {rows[index]?.map((value, column) => (
                <Cell key={column} value={value} isNumber={numbers[column] ?? false} />
              ))}
            </tr>
          ))}
          <Gap px={below} />
        </tbody>
      </table>
    </div>
  )
}

/** DuckDB's names of types; whole numbers come as texts, since JavaScript would round some. */
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/

/** In the place of the rows that are not in view. */
function Gap({ px }: { px: number }) {
  return px > 0 ? <tr aria-hidden style={{ height: px }} /> : null
}

function Cell({ value, isNumber }: { value: Json; isNumber: boolean }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return (
    <td className={isNumber ? 'number' : 'sql-cell'} title={text.length > CLIPPED_AT ? text : undefined}>
      {value === null ? <span className="soft">null</span> : text}
    </td>
  )
}

/** About what a cell shows. */
const CLIPPED_AT = 60
