import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { parseSync, type Program } from 'oxc-parser'
import { walk } from 'oxc-walker'

export interface Source {
  readonly path: string
  readonly text: string
  readonly program: Program
}

export interface Import {
  /** A path from the repository's root, or a package as it was written. */
  readonly target: string
  readonly line: number
}

export interface Finding {
  readonly path: string
  readonly line: number
  readonly rule: string
}

export function source(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text, { preserveParens: false })
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  return { path, text, program }
}

/** Every TypeScript file of the repository, committed or not, but for what a tool writes. */
export function allSources(): Source[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'],
    {
      encoding: 'utf8',
    },
  )
  return listed
    .split('\n')
    .filter(
      (path) => path !== '' && !/^(migrations|dist|test\/e2e\/generated)\//.test(path) && existsSync(path),
    )
    .map((path) => source(path, readFileSync(path, 'utf8')))
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** What a file imports or re-exports, types and `import()` included. */
export function importsOf({ path, text, program }: Source): Import[] {
  const imports: Import[] = []
  walk(program, {
    enter(node) {
      if (!('source' in node) || node.source?.type !== 'Literal') return
      const specifier = node.source.value
      if (typeof specifier !== 'string') return
      imports.push({ target: resolve(path, specifier), line: lineOf(text, node.start) })
    },
  })
  return imports
}

function resolve(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  return ownEntries.get(specifier) ?? specifier
}

/** `perdure/scheduler` is `scheduler-do/index.ts`: an arrow stays an arrow when drawn by the package's name. */
const ownEntries = new Map(
  Object.entries<string | { default: string }>(
    JSON.parse(readFileSync('package.json', 'utf8')).exports,
  ).flatMap(([entry, to]) =>
    typeof to === 'string'
      ? []
      : [[join('perdure', entry), to.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')] as const],
  ),
)
