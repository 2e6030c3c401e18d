/** The clients of a scenario: each sends one thing after another, waits for its answer, and remembers it. */
import { Reads } from './archive/reads.ts'
import { unarchived } from './archive/rest.ts'
import { codeOf, endedOf, isUnanswered } from './answers.ts'
import { WorkflowError } from '../../shared/errors.ts'
import type { WorkflowHandle } from '../../shared/workflow-handle.ts'
import type { Handed } from './effects.ts'
import type { Answer, Ended, Observations } from './observations.ts'
import { add, progress, scripted } from './program.ts'
import type { Value } from './program.ts'
import { pending } from './rest.ts'
import { committedEvents, recordedRuns, recordedShards } from './recorded.ts'
import type { Action, Scenario } from './scenario.ts'
import type { DrivenWorld } from './view.ts'

/** In the end everything has had its time: claims that were lost, messages that are sent again, longer and longer. */
const LONGEST_MS = 12 * 3_600_000
const STEP_MS = 300_000
const AGAIN_MS = 5_000

export async function drive(world: DrivenWorld, scenario: Scenario): Promise<Observations> {
  const driver = new Driver(world)
  world.effects.onHanded = (handed) => driver.finishLater(handed)
  let last = 0
  for (const [index, action] of scenario.actions.entries()) {
    world.time.after(action.atMs, () => driver.send(index, action))
    last = Math.max(last, action.atMs)
  }
  await world.advance(last + AGAIN_MS)
  driver.calm()
  await world.calm()
  for (let ms = 0; ms < LONGEST_MS; ms += STEP_MS) {
    await world.advance(STEP_MS)
    if (driver.idle && pending(world).length === 0 && unarchived(world).length === 0) break
  }
  await driver.end(scenario)
  return driver.seen
}

class Driver {
  readonly seen: Observations = {
    answers: new Map(),
    handles: new Map(),
    updates: new Map(),
    looks: [],
    finished: [],
    finals: new Map(),
    histories: new Map(),
    findings: [],
    surprises: [],
    changed: [],
  }
  readonly #reads: Reads | null
  readonly #world: DrivenWorld
  readonly #run: ReturnType<typeof scripted>['run']
  readonly #senders = new Map<number, Promise<void>>()
  #waiting = 0

  constructor(world: DrivenWorld) {
    this.#world = world
    this.#run = scripted(world.effects).run
    this.#reads = world.archive && new Reads(world, world.archive, this.seen)
  }

  /** Readers come as long as things go wrong. */
  calm(): void {
    this.#reads?.end()
  }

  /** Whether every sender has its answers. */
  get idle(): boolean {
    return this.#waiting === 0
  }

  send(index: number, action: Action): void {
    this.#waiting += 1
    const before = this.#senders.get(action.by) ?? Promise.resolve()
    const answered = before.then(async () => {
      this.seen.answers.set(index, await this.#answer(() => this.#act(index, action)))
      this.#waiting -= 1
    })
    this.#senders.set(action.by, answered)
  }

  /** Whoever was handed an attempt: asks again until somebody has heard. */
  finishLater({ token, key, dueAt }: Handed): void {
    this.#waiting += 1
    const { time, client } = this.#world
    const finish = async (): Promise<void> => {
      const answer = await this.#answer(async () => (await client.activities.complete(token, key), null))
      if (answer.kind === 'unknown') {
        time.after(AGAIN_MS, () => void finish())
        return
      }
      if (answer.kind === 'accepted') this.seen.finished.push(key)
      this.#waiting -= 1
    }
    time.after(dueAt - time.now(), () => void finish())
  }

  /** What was never answered may have happened. Of every run, a client that comes now reads all that there is. */
  async end({ actions }: Scenario): Promise<void> {
    for (const index of actions.keys())
      if (!this.seen.answers.has(index))
        this.seen.answers.set(index, { kind: 'unknown', message: 'not answered' })
    const runs = recordedRuns(recordedShards(this.#world))
    const workflowIds = new Set(runs.map(({ workflowId }) => workflowId))
    const read = Promise.all([
      ...Array.from(workflowIds, (workflowId) => this.#readLast(workflowId)),
      ...runs.map(({ workflowId, runId }) => this.#readHistory(workflowId, runId)),
      this.#world.examined().then((findings) => this.seen.findings.push(...findings)),
    ])
    await this.#world.advance(STEP_MS)
    await read
    await this.#readArchive()
  }

  /** Once all is in its last tier, and again when nothing is left of what it passed through. */
  async #readArchive(): Promise<void> {
    const { archive } = this.#world
    if (!archive) return
    await this.#readAll()
    // Whoever waits for a run that stays open would ask for all of that time.
    if ([...this.seen.handles.values()].some(({ ended }) => ended === null)) return
    await archive.age()
    await this.#readAll()
  }

  async #readAll(): Promise<void> {
    const read = this.#reads?.all()
    await this.#world.advance(STEP_MS)
    await read
  }

  async #readLast(workflowId: string): Promise<void> {
    const handle = this.#world.client.getHandle(workflowId)
    const { runId, completedAt } = await handle.describe()
    this.seen.finals.set(workflowId, { runId, ended: completedAt ? await endedOf(handle) : null })
  }

  async #readHistory(workflowId: string, runId: string): Promise<void> {
    const types: string[] = []
    for await (const { type } of this.#world.client.getHandle(workflowId, runId).history()) types.push(type)
    this.seen.histories.set(runId, types)
  }

  async #answer(ask: () => Promise<Value>): Promise<Answer> {
    try {
      return { kind: 'accepted', value: await ask() }
    } catch (error) {
      if (!(error instanceof WorkflowError)) {
        this.seen.surprises.push(String(error))
        return { kind: 'unknown', message: String(error) }
      }
      const { code, message } = error
      // Of what could not be stored, an earlier attempt whose answer was lost may have been.
      const blocked = code === 'blocked' && this.#world.faulty
      if (isUnanswered(error) || blocked) return { kind: 'unknown', message }
      return { kind: 'refused', code, message }
    }
  }

  async #act(index: number, action: Action): Promise<Value> {
    const { client } = this.#world
    switch (action.kind) {
      case 'start':
      case 'signal_with_start':
        return await this.#start(index, action)
      case 'schedule':
        return await this.#schedule(action)
      case 'query':
      case 'describe':
        return await this.#look(action)
      case 'update':
        return await this.#update(action)
      case 'signal': {
        const { workflowId, name, payload } = action
        await client.getHandle(workflowId).signal(name, payload, { signalId: payload })
        return null
      }
      case 'reset': {
        const { workflowId, toEvent } = action
        return (await client.getHandle(workflowId).reset({ toEvent, reason: 'simulated' })).runId
      }
      default:
        return await this.#tell(action.kind, action.workflowId)
    }
  }

  async #tell(what: 'cancel' | 'terminate' | 'pause' | 'resume', workflowId: string): Promise<null> {
    await this.#world.client.getHandle(workflowId)[what]()
    return null
  }

  async #start(
    index: number,
    action: Extract<Action, { kind: 'start' | 'signal_with_start' }>,
  ): Promise<Value> {
    const { client } = this.#world
    const options = startOptions(action)
    const handle =
      action.kind === 'start'
        ? await client.start(this.#run, options)
        : await client.signalWithStart(this.#run, {
            ...options,
            signal: action.name,
            payload: action.payload,
          })
    this.#follow(index, handle)
    return handle.runId
  }

  #follow(index: number, handle: WorkflowHandle): void {
    const { runId } = handle
    const followed: { runId: string; ended: Ended | null } = { runId, ended: null }
    this.seen.handles.set(index, followed)
    const wait = async (): Promise<void> => {
      const ended = await endedOf(handle)
      if (ended) followed.ended = ended
      else this.#world.time.after(AGAIN_MS, () => void wait())
    }
    void wait()
  }

  async #schedule({
    scheduleId,
    program,
    everyMs,
    times,
  }: Extract<Action, { kind: 'schedule' }>): Promise<Value> {
    const { client, time } = this.#world
    const startAt = time.now()
    await client.schedules.create({
      scheduleId,
      spec: { every: everyMs, startAt, endAt: startAt + everyMs * times },
      workflow: this.#run,
      workflowId: scheduleId,
      input: { program, before: [] },
    })
    return null
  }

  async #look({ kind, workflowId }: Extract<Action, { kind: 'query' | 'describe' }>): Promise<Value> {
    const handle = this.#world.client.getHandle(workflowId)
    const before = committedEvents(this.#world)
    const { runId, events } = kind === 'query' ? await handle.query(progress) : await described(handle)
    const after = committedEvents(this.#world)
    const look = { what: kind, workflowId, runId, told: events }
    this.seen.looks.push({ ...look, before: before.get(runId) ?? 0, after: after.get(runId) ?? 0 })
    return null
  }

  async #update({ workflowId, updateId, add: n }: Extract<Action, { kind: 'update' }>): Promise<Value> {
    const handle = this.#world.client.getHandle(workflowId)
    const accepted = await handle.startUpdate(add, { args: [n], updateId })
    void accepted.result().then(
      (value) => void this.seen.updates.set(updateId, value),
      (error: unknown) => {
        if (!isUnanswered(error)) this.seen.updates.set(updateId, `error: ${codeOf(error)}`)
      },
    )
    return null
  }
}

function startOptions(action: Extract<Action, { kind: 'start' | 'signal_with_start' }>) {
  const { workflowId, program, idConflict, retryRuns, startDelayMs, executionTimeoutMs, runTimeoutMs } =
    action
  return {
    workflowId,
    input: { program, before: [] },
    requestId: program.id,
    ...(idConflict && { idConflict }),
    ...(retryRuns !== undefined && { retry: { maxAttempts: retryRuns } }),
    ...(startDelayMs !== undefined && { startDelay: startDelayMs }),
    ...(executionTimeoutMs !== undefined && { executionTimeout: executionTimeoutMs }),
    ...(runTimeoutMs !== undefined && { runTimeout: runTimeoutMs }),
  }
}

async function described(handle: WorkflowHandle): Promise<{ runId: string; events: number }> {
  const { runId, historyEvents } = await handle.describe()
  return { runId, events: historyEvents }
}
