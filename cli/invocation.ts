/** One run of the command: whom it asks, and how it says what it found. */
import { styleText } from 'node:util'
import { SingleBar } from 'cli-progress'
import { duration } from '../shared/index.ts'
import type { ResultOptions, WorkflowClient } from '../shared/index.ts'
import { jsonOf } from './json.ts'
import type { Server } from './server.ts'
import { tableOf, type Column } from './table.ts'
import type { World } from './world.ts'

/** The options that every command has. */
export interface GlobalOptions {
  url: string
  token: string
  namespace: string
  json?: true
}

export type Style = Parameters<typeof styleText>[0]

export interface Progress {
  at(done: number, total?: number): void
  stop(): void
}

/** With `--json` stdout holds nothing but JSON, one line for each thing; without it, text for people. */
export class Invocation {
  readonly world: World
  /** Whether what was asked for failed, though it could be asked. */
  failed = false
  readonly #options: () => GlobalOptions

  constructor(world: World, options: () => GlobalOptions) {
    this.world = world
    this.#options = options
  }

  get json(): boolean {
    return this.#options().json === true
  }

  get namespace(): string {
    return this.#options().namespace
  }

  get server(): Server {
    const { url, token } = this.#options()
    return { url: url.replace(/\/+$/, ''), token }
  }

  get client(): WorkflowClient {
    return this.world.connect(this.server, this.namespace)
  }

  /** How long a result is waited for: `--wait` and `--wait 30s`. Ctrl-C ends it earlier. */
  waiting(given: true | string): ResultOptions {
    const signal = this.world.interrupted
    return given === true ? { signal } : { signal, timeout: duration(given) }
  }

  /** One thing that was found or done: `value` for machines, `text` for people. */
  tell(value: unknown, text: string): void {
    this.record(value)
    this.say(text)
  }

  /** For machines only. */
  record(value: unknown): void {
    if (this.json) this.world.stdout.write(`${jsonOf(value)}\n`)
  }

  /** For people only. */
  say(text: string): void {
    if (!this.json) this.world.stdout.write(`${text}\n`)
  }

  /** A value of the user's, which is JSON in either case. */
  value(value: unknown): void {
    this.world.stdout.write(`${jsonOf(value, this.json ? undefined : 2)}\n`)
  }

  /** Many things: a line of JSON for each, or a table of them. */
  rows<T>(items: readonly T[], columns: readonly Column[], cells: (item: T) => readonly string[]): void {
    for (const item of items) this.record(item)
    this.table(columns, items.map(cells))
  }

  /** For people only. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    if (!this.json) this.say(tableOf(columns, rows))
  }

  /** For people only, and out of the way of what is piped on. */
  note(text: string): void {
    if (!this.json) this.world.stderr.write(`${text}\n`)
  }

  /** What went wrong. */
  complain(json: string, text: string): void {
    const { stderr } = this.world
    const shown = stderr.colours ? styleText('red', text, { validateStream: false }) : text
    stderr.write(`${this.json ? json : shown}\n`)
  }

  styled(style: Style, text: string): string {
    return this.world.stdout.colours ? styleText(style, text, { validateStream: false }) : text
  }

  /** A bar where somebody sits before it; nothing elsewhere. */
  progress(label: string, total: number): Progress {
    const { terminal } = this.world.stderr
    if (terminal === null || this.json) return { at: () => {}, stop: () => {} }
    const bar = new SingleBar({
      format: `${label} {bar} {value}/{total} · {duration_formatted}`,
      stream: terminal,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
    })
    bar.start(total, 0)
    return {
      at: (done, of) => {
        if (of !== undefined) bar.setTotal(of)
        bar.update(done)
      },
      stop: () => bar.stop(),
    }
  }
}
