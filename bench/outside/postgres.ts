/** A PostgreSQL of our own with its defaults, reached by a Unix socket. */
import { execFile, execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Tree } from './tree.ts'

/** A part of its socket's name; nothing listens on it. */
const PORT = 5432

/** Null where there is none on the path. */
export function postgresVersion(): string | null {
  const programs = programsDirectory()
  if (programs === undefined) return null
  const said = execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' })
  return /\d[\d.]*/.exec(said)?.[0] ?? null
}

export class Postgres {
  readonly url: string
  readonly #programs: string
  readonly #directory: string
  /** It refuses to run as root. */
  readonly #user = process.getuid?.() === 0 ? account() : null

  /** It makes the directory; its account may pass through those above. */
  constructor(directory: string) {
    const programs = programsDirectory()
    if (programs === undefined) throw new Error('there is no PostgreSQL on the path')
    this.#programs = programs
    this.#directory = directory
    this.url = `postgresql://postgres@localhost:${PORT}/bench?host=${encodeURIComponent(directory)}`
  }

  launch(tree: Tree, log: string): void {
    if (!existsSync(this.#directory)) this.#create()
    // What a killed server leaves would be taken for a running one's.
    for (const name of readdirSync(this.#directory))
      if (name.startsWith('.s.PGSQL')) rmSync(join(this.#directory, name))
    const args = ['-D', this.#data, '-k', this.#directory, '-p', String(PORT), '-h', '']
    tree.spawn({ command: join(this.#programs, 'postgres'), args, log, user: this.#user })
  }

  async isUp(): Promise<boolean> {
    const args = ['-q', '-U', 'postgres', '-h', this.#directory, '-p', String(PORT)]
    await promisify(execFile)(join(this.#programs, 'pg_isready'), args)
    return true
  }

  get #data(): string {
    return join(this.#directory, 'data')
  }

  #create(): void {
    mkdirSync(this.#directory)
    if (this.#user !== null) chownSync(this.#directory, this.#user.uid, this.#user.gid)
    const args = ['-D', this.#data, '-U', 'postgres', '-A', 'trust']
    execFileSync(join(this.#programs, 'initdb'), args, { stdio: 'ignore', ...this.#user })
  }
}

/** Of `postgres`, `initdb` and `pg_isready`. */
function programsDirectory(): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const found = path.find((directory) => existsSync(join(directory, 'postgres')))
  return found && dirname(realpathSync(join(found, 'postgres')))
}

function account(): { uid: number; gid: number } {
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function idOf(flag: string): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}
