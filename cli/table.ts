/** Rows for people: columns as wide as their widest cell, numbers to the right. */
import Table from 'cli-table3'

export interface Column {
  readonly name: string
  /** Default: left. */
  readonly align?: 'left' | 'right'
}

/** No frame: only a rule below the names, so that a line can be selected and passed on. */
const BARE = {
  ...drawn('', ['top', 'top-mid', 'top-left', 'top-right']),
  ...drawn('', ['bottom', 'bottom-mid', 'bottom-left', 'bottom-right']),
  ...drawn('', ['left', 'left-mid', 'right', 'right-mid']),
  ...drawn('  ', ['middle', 'mid-mid']),
  mid: '─',
}

export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ name }) => name),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: BARE,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => row.map((cell) => cell.replaceAll('\n', ' '))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function drawn(as: string, places: readonly string[]): Record<string, string> {
  return Object.fromEntries(places.map((place) => [place, as]))
}
