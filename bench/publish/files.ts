/** What a run's document makes of the repository's files. */
import { type Document, resultsOf } from '../document.ts'
import { chart, THEME_NAMES } from './chart.ts'
import { outside } from './outside.ts'
import { rowsOf } from './rows.ts'
import { allResults, summary, targets } from './tables.ts'

export const RESULTS = 'docs/bench/results.json'

/** Between these in a page, nobody writes by hand. */
const BLOCKS: Record<string, (document: Document) => string> = {
  summary,
  targets,
  outside,
  results: allResults,
}
const PAGES: Record<string, readonly string[]> = {
  'README.md': ['summary'],
  'docs/performance.md': ['summary', 'targets', 'outside', 'results'],
}

/** Paths from the root, and what is to be in them; `read` gives a page as it is. */
export async function published(
  document: Document,
  read: (path: string) => string,
): Promise<Map<string, string>> {
  const files = new Map([[RESULTS, `${JSON.stringify(document, null, 2)}\n`]])
  const rows = rowsOf(resultsOf(document))
  for (const theme of THEME_NAMES) files.set(`docs/bench/chart-${theme}.svg`, await chart(rows, theme))
  for (const [page, blocks] of Object.entries(PAGES)) {
    const written = blocks.reduce(
      (text, name) => replaced(text, name, BLOCKS[name]?.(document) ?? ''),
      read(page),
    )
    files.set(page, written)
  }
  return files
}

/** The text with another block between its markers, which it must have. */
export function replaced(text: string, name: string, block: string): string {
  const [begin, end] = [
    `<!-- bench ${name}: made by npm run bench:publish -->`,
    `<!-- bench ${name} ends -->`,
  ]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from)
    throw new Error(`there is no place for the block ${name}: ${begin} ... ${end}`)
  return `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`
}
