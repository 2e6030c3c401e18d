/** The documents, and the fenced blocks in them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  /** What the comment above names: `<!-- examples/docs/order.ts -->`. */
  readonly file: string | undefined
  readonly text: string
}

/** Every page of the repository; notes on changes are made of what people write, and have no blocks. */
export const pages = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md', ':!.changeset', ':!CHANGELOG.md'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '' && existsSync(path))

export function blocksIn(page: string): Block[] {
  return blocksOf(page, readFileSync(page, 'utf8'))
}

export function blocksOf(page: string, document: string): Block[] {
  const fences = /(?:<!-- (?<file>\S+) -->\n\n?)?^ *```(?<language>\w*).*\n(?<text>[^]*?)^ *```$/gm
  return [...document.matchAll(fences)].map(({ groups = {}, index, 0: whole }) => ({
    page,
    line: document.slice(0, index + whole.indexOf('```')).split('\n').length,
    language: groups['language'] ?? '',
    file: groups['file'],
    text: groups['text'] ?? '',
  }))
}

/** Commands that the text itself names, in code. */
export function inlineCommands(document: string): string[] {
  const prose = document.replaceAll(/^ *```[^]*?^ *```$/gm, '')
  return [...prose.matchAll(/`((?:\w+=\S+ )*(?:npm|npx|perdure|wrangler) [^`]+)`/g)].map(
    ([, command = '']) => command,
  )
}
