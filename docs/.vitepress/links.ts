/**
 * Links of the pages that are good in the repository, made good on the site: the README is its first page, and sources are
 * no pages of it, so that a link to one leads to where the repository is.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path/posix'
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress'

const ROOT = resolve(import.meta.dirname, '../..')
const { repository }: { repository?: { url: string } } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)
const browsed = repository?.url.replace(/^git\+/, '').replace(/\.git$/, '')

export function linksOfRepository(md: MarkdownRenderer): void {
  md.core.ruler.push('links_of_repository', ({ tokens, env }: { tokens: Token[]; env: MarkdownEnv }) => {
    for (const { children } of tokens) if (children) mend(children, env.relativePath)
  })
}

type Token = ReturnType<MarkdownRenderer['parse']>[number]

function mend(tokens: readonly Token[], page: string): void {
  for (const [at, token] of tokens.entries()) {
    const href = token.type === 'link_open' ? String(token.attrGet('href')) : '#'
    if (/^(#|\w+:)/.test(href)) continue
    const target = join(dirname(page), href)
    if (/^README\.md(#|$)/.test(target)) token.attrSet('href', href.replace('README.md', 'index.md'))
    else if (/\.md(#|$)/.test(target)) continue
    else if (browsed) token.attrSet('href', `${browsed}/blob/main/${target}`)
    else
      asText(
        token,
        tokens.slice(at).find(({ type }) => type === 'link_close'),
      )
  }
}

/** Where package.json names no repository, the link is its text. */
function asText(open: Token, close: Token | undefined): void {
  for (const token of [open, close])
    if (token) Object.assign(token, { type: 'span', tag: 'span', attrs: null })
}
