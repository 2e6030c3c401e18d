/** The sidebar is docs/index.md, section by section, and the API reference. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path/posix'
import type { DefaultTheme } from 'vitepress'

const DOCS = resolve(import.meta.dirname, '..')

export function sidebar(): DefaultTheme.SidebarItem[] {
  const [start = '', ...sections] = readFileSync(join(DOCS, 'index.md'), 'utf8').split(/^## /m)
  return [
    { text: 'Start', items: linksOf(start) },
    ...sections.map((section) => ({
      text: section.slice(0, section.indexOf('\n')),
      items: linksOf(section),
      collapsed: section.startsWith('Decisions'),
    })),
    { text: 'API', items: apiPages() },
  ]
}

function linksOf(section: string): DefaultTheme.SidebarItem[] {
  const links = section.matchAll(/\[([^\]]+)\]\(([^)#]+\.md)\)/g)
  return [...links].map(([, text = '', path = '']) => ({
    text: text.charAt(0).toUpperCase() + text.slice(1).replaceAll('`', ''),
    link: join('/docs', path)
      .replace(/\/index\.md$/, '/')
      .replace(/\.md$/, ''),
  }))
}

/** One for each entry of the package, as TypeDoc has made them. */
function apiPages(): DefaultTheme.SidebarItem[] {
  return globSync('perdure{,/*}.md', { cwd: join(DOCS, 'api') })
    .map((path) => path.replace(/\.md$/, ''))
    .toSorted()
    .map((entry) => ({ text: entry, link: `/docs/api/${entry}` }))
}
