/** What the site has for language models: `/llms.txt` names every page that the sidebar names. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sidebar } from './sidebar.ts'

/** After a build: throws where a page is missing. */
export function checkLlms({ outDir }: { outDir: string }): void {
  const listed = readFileSync(join(outDir, 'llms.txt'), 'utf8')
  const links = sidebar().flatMap(({ items = [] }) => items.map(({ link = '' }) => link))
  const missing = links.filter((link) => !listed.includes(`(${link.replace(/\/$/, '')}.md)`))
  if (links.length < 50 || missing.length > 0)
    throw new Error(`llms.txt lacks ${missing.join(', ') || 'nearly every page'}`)
}
