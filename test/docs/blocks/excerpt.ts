/**
 * What the documents show is what there is: code is an excerpt of a file that tests run.
 *
 * A block of TypeScript stands below a comment that names its file: `<!-- examples/docs/order.ts -->`, and others may.
 * Its lines are lines of that file, one after another, less their common indentation; `'perdure'` stands for the entry's
 * own file.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'
import type { Block } from './pages.ts'

export const isOwnLanguage = (language: string): boolean =>
  /^(ts|tsx|mts|typescript|js|jsx|mjs|javascript)$/i.test(language)

/** What is wrong with a block; nothing when it is an excerpt. */
export function wrongExcerpt({ file, language, text }: Block): string[] {
  const lines = dedented(text.replace(/\n$/, '').split('\n'))
  const first = lines[0] ?? ''
  if (isOwnLanguage(language) && language !== 'ts') return [`${language}: a block of code is marked ts`]
  if (file === undefined) return [`no file is named above: ${first}`]
  if (!existsSync(file)) return [`${file} does not exist`]
  const all = asShown(file)
  const found = all.some((_, at) => {
    const part = dedented(all.slice(at, at + lines.length))
    return part.length === lines.length && part.every((line, index) => line === lines[index])
  })
  return found && first !== '' ? [] : [`not in ${file}: ${first}`]
}

/** The file's lines as a user of the package would write them: entries by their names. */
function asShown(file: string): string[] {
  let text = readFileSync(file, 'utf8')
  for (const [name, entry] of entries) {
    const path = relative(dirname(file), entry)
    text = text.replaceAll(`'${path.startsWith('.') ? path : `./${path}`}'`, `'${name}'`)
  }
  return text.split('\n')
}

/** `perdure/scheduler` is `scheduler-do/index.ts`, by the package's exports. */
const entries = Object.entries<string | { default: string }>(
  JSON.parse(readFileSync('package.json', 'utf8')).exports,
).flatMap(([name, to]) =>
  typeof to === 'string'
    ? []
    : [[join('perdure', name), to.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')] as const],
)

function dedented(lines: readonly string[]): string[] {
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(Number.isFinite(indent) ? indent : 0))
}
