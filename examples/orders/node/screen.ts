/** The terminal: one live line per phase, kept with a check mark when the phase is over. */
import { stdout } from 'node:process'

const WITHOUT_TERMINAL_EVERY_MS = 2_000
const BAR_WIDTH = 24

export interface Screen {
  line(text: string): void
  /** The state of the current phase; replaces the one before it. */
  live(text: string): void
  done(text: string): void
}

export function openScreen(): Screen {
  let phaseStartedAt = Date.now()
  let printedAt = 0
  const terminal = stdout.isTTY
  const write = (text: string) => stdout.write(`${terminal ? '\r\x1b[2K' : ''}${text}\n`)
  return {
    line: write,
    live(text) {
      if (terminal) stdout.write(`\r\x1b[2K  ${text.slice(0, (stdout.columns || 80) - 3)}`)
      else if (Date.now() - printedAt >= WITHOUT_TERMINAL_EVERY_MS) {
        printedAt = Date.now()
        write(`    ${text}`)
      }
    },
    done(text) {
      write(`  ✓ ${text.padEnd(84)}${seconds(Date.now() - phaseStartedAt).padStart(8)}`)
      phaseStartedAt = Date.now()
      printedAt = phaseStartedAt
    },
  }
}

export function bar(done: number, all: number): string {
  const full = all === 0 ? 0 : Math.min(BAR_WIDTH, Math.floor((done / all) * BAR_WIDTH))
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${done}/${all}`
}

/** Columns as wide as their widest cell; all but the first are numbers and stand to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  )
}

export function number(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 2 })
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
