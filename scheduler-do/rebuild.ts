/**
 * Runs whose replay needs payloads from R2 are replayed beside the turns, so that nobody else's turn waits for R2. What
 * comes for such a run meanwhile is parked, as it is for a blocked one, and fed when the run is there.
 */
import type { Input } from '../shared/core/inputs.ts'
import { inputPayload } from '../shared/core/inputs.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type { Reference } from '../shared/reference.ts'
import { visibleReference } from '../shared/reference.ts'
import { attachContent } from './contents.ts'
import { Gate } from './gate.ts'
import { tell } from './inbox.ts'
import type { Loaded } from './live.ts'
import { parkedOf, replayRow } from './lookup.ts'
import type { Payloads } from './payloads.ts'
import { restartSteps } from './recover.ts'
import type { Shard } from './shard.ts'
import { historySize, wholeHistory } from './store/history.ts'
import { runRow } from './store/runs.ts'

interface Rebuilt {
  readonly loaded: Loaded
  /** What parked inputs refer to, by key. */
  readonly contents: ReadonlyMap<string, Payload>
}

export class Rebuilds {
  readonly #shard: Shard
  readonly #payloads: Payloads
  readonly #under = new Map<string, Promise<Loaded | null>>()
  readonly #ready = new Map<string, Rebuilt>()
  /** One at a time: each is marked alone, and holds one payload of its history. */
  readonly #turnstile = new Gate(1)

  constructor(shard: Shard, payloads: Payloads) {
    this.#shard = shard
    this.#payloads = payloads
  }

  /** Whether the run is being replayed, or has been and waits to be taken. */
  has(runId: string): boolean {
    return this.#ready.has(runId) || this.#under.has(runId)
  }

  /** How many wait for their turn to be replayed. */
  get waiting(): number {
    return this.#turnstile.waiting
  }

  /** `work`, which replays the run for somebody who looks at it. */
  async aside<T>(runId: string, work: () => Promise<T>): Promise<T> {
    return await this.#turnstile.hold(1, async () => {
      await this.#shard.quarantine.mark(runId)
      try {
        return await work()
      } finally {
        await this.#shard.read(async () => {}) // behind which the mark goes
      }
    })
  }

  begin(runId: string): Promise<Loaded | null> {
    const under = this.#under.get(runId)
    if (under) return under
    const { promise, resolve } = Promise.withResolvers<Loaded | null>()
    this.#under.set(runId, promise)
    this.#payloads.errands.begin(`rebuild ${runId}`, async () => {
      const loaded = await this.#rebuild(runId)
      this.#under.delete(runId)
      resolve(loaded)
    })
    return promise
  }

  /** The run as replayed, with what was parked for it; null while something of that is still to be read. */
  take(runId: string): Loaded | null {
    const rebuilt = this.#ready.get(runId)
    if (!rebuilt) return null
    const { loaded, contents } = rebuilt
    if (historySize(this.#shard.sql, runId).events !== loaded.live.state.lastEventId) {
      this.#ready.delete(runId) // something else has brought it forward meanwhile
      return null
    }
    const parked = parkedOf(this.#shard.sql, runId)
    for (const needed of neededBy(parked)) {
      if (!contents.has(needed.key)) return null
      attachContent(needed, contents.get(needed.key))
    }
    this.#ready.delete(runId)
    return parked.length > 0 || loaded.parked ? { ...loaded, parked } : loaded
  }

  /** The run for a reader, if R2 answers within `ms`. What has been parked for it has been fed when the next read is. */
  async of(runId: string, ms: number): Promise<Loaded | null> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const message = `the payloads of run ${runId} cannot be read from R2 now: try again`
    const { time } = this.#shard.config.runtime
    const cancel = time.after(ms, () => reject(new WorkflowError('overloaded', message)))
    return await Promise.race([this.begin(runId), late]).finally(cancel)
  }

  async #rebuild(runId: string): Promise<Loaded | null> {
    const known = this.#ready.get(runId)
    const loaded = known?.loaded ?? (await this.#turnstile.hold(1, () => this.#replayed(runId)))
    if (!loaded || loaded.live.state.closed) return loaded
    const contents = await this.#contents(parkedOf(this.#shard.sql, runId), known?.contents)
    this.#ready.set(runId, { loaded, contents })
    this.#shard.submit(tell((turn) => turn.touch(runId, (live) => restartSteps(turn, live, this.#shard))))
    return loaded
  }

  async #replayed(runId: string): Promise<Loaded | null> {
    const { sql, quarantine } = this.#shard
    const row = runRow(sql, runId)
    if (!row) return null
    await quarantine.mark(runId)
    return await replayRow(this.#shard, row, {
      ...wholeHistory(sql, runId),
      read: this.#payloads.mustRead,
    })
  }

  async #contents(
    parked: readonly Input[],
    known: ReadonlyMap<string, Payload> = new Map(),
  ): Promise<Map<string, Payload>> {
    const contents = new Map<string, Payload>()
    for (const needed of neededBy(parked))
      contents.set(needed.key, known.get(needed.key) ?? (await this.#payloads.mustRead(needed)))
    return contents
  }
}

function neededBy(parked: readonly Input[]): Reference[] {
  return parked.map((input) => visibleReference(inputPayload(input))).filter((one) => one !== null)
}
