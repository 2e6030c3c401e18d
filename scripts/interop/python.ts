/** A Python of the run's own, with what test/interop/requirements*.txt pin; made once, and again when those change. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Python {
  readonly interpreter: string
  readonly directory: string
}

/** A file of requirements, `requirements-<group>.txt`. */
export type Group = 'duckdb' | 'spark'

/** Throws where there is no python3 with venv, or the readers that all else rests on cannot be installed. */
export function preparePython(root: string, state: string): Python {
  const directory = join(state, 'venv')
  const python = { interpreter: join(directory, 'bin/python'), directory }
  if (!existsSync(python.interpreter)) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(state, { recursive: true })
    const { status, stderr, error } = spawnSync('python3', ['-m', 'venv', directory], { encoding: 'utf8' })
    if (status !== 0) {
      throw new Error(
        `python3 -m venv failed: ${error?.message ?? stderr}\nInstall python3 (3.10 or later) with venv`,
      )
    }
  }
  const problem = install(python, join(root, 'test/interop/requirements.txt'))
  if (problem !== null) throw new Error(`the Python readers cannot be installed: ${problem}`)
  return python
}

/** Why the group cannot be installed, or null when it is. */
export function installGroup(root: string, python: Python, group: Group): string | null {
  return install(python, join(root, `test/interop/requirements-${group}.txt`))
}

function install({ interpreter, directory }: Python, requirements: string): string | null {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const stamp = join(directory, `installed-${hash}`)
  if (existsSync(stamp)) return null
  const options = ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  const { status, stderr } = spawnSync(interpreter, ['-m', 'pip', ...options], { encoding: 'utf8' })
  if (status !== 0) return lastLine(stderr)
  writeFileSync(stamp, '')
  return null
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'pip failed'
}
