/** The documents, and what they show. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { blocksOf } from '../../../scripts/first-run/blocks.ts'
import type { Block as Shown } from '../../../scripts/first-run/blocks.ts'

export interface Block extends Shown {
  readonly page: string
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
  return blocksOf(readFileSync(page, 'utf8')).map((block) => ({ ...block, page }))
}

/** Commands that the text itself names, in code. */
export function inlineCommands(document: string): string[] {
  const prose = document.replaceAll(/^ *```[^]*?^ *```$/gm, '')
  return [...prose.matchAll(/`((?:\w+=\S+ )*(?:npm|npx|perdure|wrangler) [^`]+)`/g)].map(
    ([, command = '']) => command,
  )
}
