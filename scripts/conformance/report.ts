/** Runs vitest over files of a project and reads what it reports. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from './rows.ts'

/** vitest is the one on npm's PATH. Its own account goes to stderr: stdout is the table. A failed test is not an error here. */
export function reportOf(root: string, files: readonly string[]): Report {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-conformance-'))
  const output = join(directory, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  try {
    const { error } = spawnSync('vitest', ['run', ...files, ...reporters], {
      cwd: root,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    })
    if (error) throw error
    return reportIn(output)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export function reportIn(file: string): Report {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isReport(value)) throw new Error(`${file} is not a report of vitest's JSON reporter`)
  return value
}

function isReport(value: unknown): value is Report {
  return (
    typeof value === 'object' &&
    value !== null &&
    'testResults' in value &&
    Array.isArray(value.testResults) &&
    value.testResults.every((file) => Array.isArray(file?.assertionResults))
  )
}
