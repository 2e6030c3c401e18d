/** Plants each breach in a copy of the project, and sees which rows notice. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Breach, Mutant } from './mutants.ts'
import { reportOf } from './report.ts'
import { verdicts } from './rows.ts'
import type { Row } from './rows.ts'

/** What is not copied: `node_modules` is linked, the rest is made anew. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git', '.wrangler', 'dist'])

export interface Noticed {
  readonly mutant: Mutant
  /** The rows whose tests fail. */
  readonly rows: readonly Row[]
  readonly exactly: boolean
}

/** A copy of the project to plant in, one breach at a time. */
export class Nursery {
  readonly #copy = mkdtempSync(join(tmpdir(), 'perdure-mutant-'))

  constructor(root: string) {
    cpSync(root, this.#copy, {
      recursive: true,
      filter: (path) => !LEFT_OUT.has(relative(root, path).split('/')[0] ?? ''),
    })
    symlinkSync(join(root, 'node_modules'), join(this.#copy, 'node_modules'))
  }

  /** Runs `files`, which are those of the mutant's row and of the rows beside it. */
  plant(mutant: Mutant, rows: readonly Row[], files: readonly string[]): Noticed {
    return this.with(mutant, (copy) => {
      const failed = verdicts(rows, reportOf(copy, files), textOf).filter(({ outcome }) => outcome === 'fail')
      const noticing = failed.map(({ row }) => row)
      return { mutant, rows: noticing, exactly: noticing.length === 1 && noticing[0]?.number === mutant.row }
    })
  }

  /** `work` in the copy, while the breach is in it. */
  with<T>(breach: Breach, work: (copy: string) => T): T {
    const path = join(this.#copy, breach.file)
    const source = readFileSync(path, 'utf8')
    try {
      writeFileSync(path, planted(source, breach))
      return work(this.#copy)
    } finally {
      writeFileSync(path, source)
    }
  }

  clear(): void {
    rmSync(this.#copy, { recursive: true })
  }
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8')
}

/** The source with the breach. Throws where its text is not there, or more than once. */
export function planted(source: string, { file, text, planted: breach }: Breach): string {
  const parts = source.split(text)
  if (parts.length === 2) return parts.join(breach)
  throw new Error(`${file} has ${parts.length - 1} times, and not once: ${text}`)
}
