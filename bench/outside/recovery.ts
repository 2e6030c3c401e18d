/** Everything is killed amid many runs and started again; nobody asks for the runs until all have gone on by themselves. */
import { randomUUID } from 'node:crypto'
import { type Server, createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Figures, atOnce } from './load.ts'
import type { Asked } from './runs.ts'
import type { System } from './system.ts'

const STEPS = 10
const STEP_MS = 50
const STARTS_AT_ONCE = 50
const GOES_ON_WITHIN_MS = 90_000
const LOOK_EVERY_MS = 5

/** `rerun`: steps that ran more than once; `lost`: runs that did not go on, or did not end. */
export async function recovery(system: System, runs: number): Promise<Figures> {
  const told = await Told.open()
  try {
    const prefix = randomUUID()
    const isRun = (n: number): boolean => n < runs
    await atOnce(STARTS_AT_ONCE, isRun, (n) => {
      const asked: Asked = { program: 'told', lane: 'inline', count: STEPS, url: `${told.url}/${n}` }
      return system.calls.start(`${prefix}-${n}`, asked)
    })
    await told.until(() => told.steps >= (runs * STEPS) / 2 || system.tree.isClosed)
    await system.kill()
    const from = performance.now()
    await system.start()
    const upMs = performance.now() - from
    await told.until(() => told.ended >= runs || system.tree.isClosed)
    const allMs = performance.now() - from
    const lost = told.ended < runs ? runs - told.ended : 0
    if (lost === 0) await atOnce(STARTS_AT_ONCE, isRun, (n) => system.calls.result(`${prefix}-${n}`))
    return { allMs, upMs, rerun: told.again, lost }
  } finally {
    told.close()
  }
}

/** Hears of each step that it runs, and lets it go on a while later. */
class Told {
  readonly #server: Server
  readonly #heard = new Set<string>()
  readonly #ended = new Set<string>()
  #again = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(): Promise<Told> {
    const server = createServer()
    const told = new Told(server)
    server.on('request', ({ url = '' }, response) => {
      told.#hear(url)
      setTimeout(() => response.end(), STEP_MS)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return told
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('it does not listen')
    return `http://127.0.0.1:${address.port}`
  }

  /** Different ones. */
  get steps(): number {
    return this.#heard.size
  }

  /** Runs whose last step was heard of. */
  get ended(): number {
    return this.#ended.size
  }

  /** Steps heard of once more. */
  get again(): number {
    return this.#again
  }

  async until(isEnough: () => boolean): Promise<void> {
    for (const late = Date.now() + GOES_ON_WITHIN_MS; !isEnough() && Date.now() < late;)
      await pause(LOOK_EVERY_MS)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #hear(path: string): void {
    if (this.#heard.has(path)) this.#again += 1
    this.#heard.add(path)
    const [, run = '', step] = path.split('/')
    if (Number(step) === STEPS) this.#ended.add(run)
  }
}
