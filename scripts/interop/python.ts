/** A Python of the run's own, with what test/interop/requirements*.txt pin; made once, and again when those change. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of requirements, `requirements-<group>.txt`. */
export type Group = 'tables' | 'duckdb' | 'spark' | 'contract'

export interface Python {
  readonly interpreter: string
  /** Installs what the readers of the group need: null, or why that cannot be. */
  missing(group: Group): string | null
}

/** Without a python3 that has venv, every group is missing. */
export function installPython(root: string, state: string): Python {
  const directory = join(state, 'venv')
  const interpreter = join(directory, 'bin/python')
  const problem = makeVenv(directory, interpreter)
  return {
    interpreter,
    missing: (group) => {
      if (problem !== null) return problem
      return install({ interpreter, directory }, join(root, `test/interop/requirements-${group}.txt`))
    },
  }
}

/** One that was left half made has no stamp, and one whose python3 is gone does not answer: both are made again. */
function makeVenv(directory: string, interpreter: string): string | null {
  const stamp = join(directory, 'made')
  if (existsSync(stamp) && spawnSync(interpreter, ['-V']).status === 0) return null
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, '..'), { recursive: true })
  const { status, stderr, error } = spawnSync('python3', ['-m', 'venv', directory], { encoding: 'utf8' })
  if (error) return 'python3 is not installed'
  if (status !== 0) return `python3 -m venv failed: ${lastLine(stderr)}`
  writeFileSync(stamp, '')
  return null
}

function install(venv: { interpreter: string; directory: string }, requirements: string): string | null {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const stamp = join(venv.directory, `installed-${hash}`)
  if (existsSync(stamp)) return null
  const options = ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  const { status, stderr } = spawnSync(venv.interpreter, ['-m', 'pip', ...options], { encoding: 'utf8' })
  if (status !== 0) return `pip: ${lastLine(stderr)}`
  writeFileSync(stamp, '')
  return null
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
