/**
 * What the documents show is what there is: code is an excerpt of a file that is type-checked.
 *
 * A block of TypeScript stands below a comment that names its file: `<!-- examples/docs/order.ts -->`, and others may.
 * Its lines are lines of that file, one after another, less their common indentation; `'perdure'` stands for the entry's
 * own file.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'
import { describe, expect, test } from 'vitest'

const documents = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'README.md', 'CONTRIBUTING.md', 'docs/*.md'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '' && existsSync(path))

describe.each(documents)('%s', (path) => {
  const text = readFileSync(path, 'utf8')

  test('shows only code that is in a file', () => {
    expect(blocksOf(text).flatMap(wrongExcerpt)).toEqual([])
  })
})

test('every example of the documents evaluates, and is shown somewhere', async () => {
  const shown = new Set(
    documents.flatMap((path) => blocksOf(readFileSync(path, 'utf8'))).map(({ file }) => file),
  )
  for (const name of readdirSync('examples/docs')) {
    expect(shown).toContain(`examples/docs/${name}`)
    const subject = name.replace(/\.ts$/, '')
    expect(Object.keys(await import(`../../examples/docs/${subject}.ts`))).not.toEqual([])
  }
})

describe('a block that is no excerpt is found', () => {
  const file = 'examples/docs/order.ts'
  const excerpt = "  const payment = await ctx.waitForSignal('payment', {\n    timeout: '24h',"
  const fenced = (code: string, mark = `<!-- ${file} -->\n`) => blocksOf(`${mark}\`\`\`ts\n${code}\n\`\`\`\n`)

  test('an excerpt passes, whatever its indentation', () => {
    expect(fenced(excerpt).flatMap(wrongExcerpt)).toEqual([])
    expect(fenced(excerpt.replaceAll(/^ {2}/gm, '')).flatMap(wrongExcerpt)).toEqual([])
    expect(fenced("import { defineActivity, workflow } from 'perdure'").flatMap(wrongExcerpt)).toEqual([])
  })

  test.each([
    ['no file named', fenced(excerpt, '')],
    ['no such file', fenced(excerpt, '<!-- examples/docs/none.ts -->\n')],
    ['another word', fenced(excerpt.replace('24h', '25h'))],
    ['a line left out', fenced("const payment = await ctx.waitForSignal('payment', {\n  default: null,")],
    ['part of a line', fenced("waitForSignal('payment', {")],
    ['another indentation inside', fenced(excerpt.replace('    timeout', '      timeout'))],
    ['nothing', fenced('')],
    ['another language, another word', blocksOf(`<!-- wrangler.toml -->\n\`\`\`toml\nname = "x"\n\`\`\`\n`)],
    ['JavaScript', blocksOf(`<!-- ${file} -->\n\`\`\`js\n${excerpt}\n\`\`\`\n`)],
  ])('%s', (_, blocks) => {
    expect(blocks.flatMap(wrongExcerpt)).toHaveLength(1)
  })
})

interface Block {
  readonly file: string | undefined
  readonly language: string
  readonly lines: readonly string[]
}

const isOwnLanguage = (language: string): boolean =>
  /^(ts|tsx|mts|typescript|js|jsx|mjs|javascript)$/i.test(language)

/** The fenced blocks of a document that hold code of the project's own language, or name a file. */
function blocksOf(document: string): Block[] {
  const fences = /(?:<!-- (?<file>\S+) -->\n\n?)?^ *```(?<language>\w+).*\n(?<code>[^]*?)^ *```$/gm
  return [...document.matchAll(fences)]
    .map(({ groups }) => ({
      file: groups?.['file'],
      language: groups?.['language'] ?? '',
      lines: dedented((groups?.['code'] ?? '').replace(/\n$/, '').split('\n')),
    }))
    .filter(({ language, file }) => isOwnLanguage(language) || file !== undefined)
}

/** What is wrong with a block; nothing when it is an excerpt. */
function wrongExcerpt({ file, language, lines }: Block): string[] {
  const first = lines[0] ?? ''
  if (isOwnLanguage(language) && language !== 'ts') return [`${language}: a block of code is marked ts`]
  if (file === undefined) return [`no file is named above: ${first}`]
  if (!existsSync(file)) return [`${file} does not exist`]
  const all = asShown(file)
  const length = lines.length
  const found = all.some((_, at) => {
    const part = dedented(all.slice(at, at + length))
    return part.length === length && part.every((line, index) => line === lines[index])
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
