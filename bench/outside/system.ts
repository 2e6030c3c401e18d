/** What the load generator asks of a system. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Asked } from './runs.ts'
import { Tree } from './tree.ts'

export type SystemName = 'perdure' | 'restate' | 'dbos'

export interface Calls {
  /** Start a run and wait for its result. */
  execute(id: string, asked: Asked): Promise<unknown>
  /** Resolves when the run is durable. */
  start(id: string, asked: Asked): Promise<void>
  /** Of a run that was started. */
  result(id: string): Promise<unknown>
  signal(id: string): Promise<void>
  close(): void
}

const UP_WITHIN_MS = 60_000
const ASK_EVERY_MS = 10

/** Its processes and its directory; both are gone after `stop()`. */
export abstract class System {
  abstract readonly name: SystemName
  readonly tree = new Tree()
  readonly directory: string = mkdtempSync(join(tmpdir(), 'perdure-outside-'))
  #calls: Calls | undefined

  get calls(): Calls {
    if (this.#calls === undefined) throw new Error(`${this.name} is not up`)
    return this.#calls
  }

  /** The same calls, a request each, where `calls` may make one of several. */
  get each(): Calls {
    return this.calls
  }

  /** On what an earlier life left in the directory. */
  async start(): Promise<void> {
    this.#calls = await this.launch()
  }

  /** kill -9 of everything that belongs to it. */
  async kill(): Promise<void> {
    await this.tree.kill()
    this.#calls?.close()
    this.#calls = undefined
  }

  async stop(): Promise<void> {
    await this.tree.close()
    this.#calls?.close()
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  /** What its processes complained of. */
  complaints(): string {
    const log = join(this.directory, 'stderr.log')
    return existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : ''
  }

  protected abstract launch(): Promise<Calls>

  /** Until `isUp` says so, with the complaints when it does not. */
  protected async untilUp(isUp: () => Promise<boolean>): Promise<void> {
    const until = Date.now() + UP_WITHIN_MS
    for (; Date.now() < until && !this.tree.isClosed; await pause(ASK_EVERY_MS))
      if (await isUp().catch(() => false)) return
    throw new Error(`${this.name} did not start:\n${this.complaints()}`)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
