/** Clients that read closed runs while they move from tier to tier: what they are told of one never changes. */
import { endedOf, isUnanswered } from '../answers.ts'
import type { Observations } from '../observations.ts'
import type { ArchiveView, DrivenWorld } from '../view.ts'

const EACH_MS = 3_000

type Read = () => Promise<unknown>

export class Reads {
  readonly #world: DrivenWorld
  readonly #archive: ArchiveView
  readonly #seen: Observations
  readonly #answers = new Map<string, string>()
  #count = 0
  #cancel = (): void => {}

  constructor(world: DrivenWorld, archive: ArchiveView, seen: Observations) {
    this.#world = world
    this.#archive = archive
    this.#seen = seen
    this.#later()
  }

  end(): void {
    this.#cancel()
  }

  /** By clients whom nothing disturbs. */
  async all(): Promise<void> {
    const reads = this.#archive.ledger.all.flatMap(({ workflowId, runId }) =>
      this.#readsOf(workflowId, runId),
    )
    await Promise.all([...reads.map((read) => this.#read(read, true)), this.#list(true)])
  }

  #later(): void {
    this.#cancel = this.#world.time.after(EACH_MS, () => {
      this.#next()
      this.#later()
    })
  }

  /** One run after another, in one way after another. */
  #next(): void {
    const runs = this.#archive.ledger.all
    const run = runs[this.#count % Math.max(1, runs.length)]
    this.#count += 1
    if (!run) return
    const reads = this.#readsOf(run.workflowId, run.runId)
    const read = reads[this.#count % (reads.length + 1)]
    void (read ? this.#read(read, false) : this.#list(false))
  }

  #readsOf(workflowId: string, runId: string): (readonly [string, Read])[] {
    const handle = this.#world.client.getHandle(workflowId, runId)
    const described = async (): Promise<unknown> => {
      const { tier: _, error, ...info } = await handle.describe()
      // Where the error of a run that was ended is made, and so its stack, is another place in each tier.
      return { ...info, ...(error && { error: { ...error, stack: undefined } }) }
    }
    return [
      [`history of ${runId}`, async () => await all(handle.history())],
      [`description of ${runId}`, described],
      [`result of ${runId}`, () => endedOf(handle)],
    ]
  }

  async #read([what, read]: readonly [string, Read], undisturbed: boolean): Promise<void> {
    const answer = await this.#answerOf(what, read, undisturbed)
    if (answer === null) return
    const before = this.#answers.get(what)
    if (before !== undefined && before !== answer)
      this.#seen.changed.push(`${what} was ${before}, and is ${answer}`)
    this.#answers.set(what, answer)
  }

  /** Null when there was none. */
  async #answerOf(what: string, read: Read, undisturbed: boolean): Promise<string | null> {
    try {
      const answer = await read()
      return answer === null ? null : JSON.stringify(answer)
    } catch (error) {
      if (undisturbed || !isUnanswered(error))
        this.#seen.changed.push(`${what} cannot be read: ${String(error)}`)
      return null
    }
  }

  async #list(undisturbed: boolean): Promise<void> {
    const closed = this.#archive.ledger.all.map(({ runId }) => runId)
    const listed: string[] = []
    const list = async (): Promise<null> => {
      for await (const { runId } of this.#world.client.list({ limit: 3 })) listed.push(runId)
      for (const runId of closed)
        if (!listed.includes(runId)) this.#seen.changed.push(`run ${runId} is closed, and is not listed`)
      return null
    }
    await this.#answerOf('the list of runs', list, undisturbed)
    const twice = listed.filter((runId, at) => listed.indexOf(runId) < at)
    for (const runId of twice) this.#seen.changed.push(`run ${runId} is listed twice`)
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
