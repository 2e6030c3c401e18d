/**
 * The attempts of one call of the eager lane, claimed by whoever calls.
 *
 * E1 The answer carries how those have ended that end at once. What takes longer is settled by requests of its own,
 *    so that none waits for another; the call stays open for it, since a Worker that has answered may be ended.
 * E2 No attempt decides about another: one whose settlement does not get through is logged, and taken over when its
 *    claim has been silent for a minute.
 * E3 What finds no slot is given back at once: its time must not run while it waits.
 */
import { WorkflowError } from '../shared/errors.ts'
import type { PerformReply, PerformRequest } from '../shared/perform.ts'
import type { SettleReply, SettleRequest } from '../shared/protocol.ts'
import { pause } from '../shared/time.ts'
import { carryOut, keyOf } from './carry-out.ts'
import type { Consumer } from './carry-out.ts'
import { quiet } from './coalesce.ts'
import type { WorkerGiven, WorkflowWorker } from './index.ts'
import { log } from './log.ts'
import { readMessage } from './message.ts'
import { attemptLine, schedulerIn } from './scheduler.ts'
import type { AttemptLine, SchedulerRpc } from './scheduler.ts'
import { InvocationSlots } from './slots.ts'

/** What ends within is answered together. */
const SOON_MS = 5

/** In a module of its own: a Worker that is not called has no need of it. */
export async function perform(
  worker: WorkflowWorker,
  request: PerformRequest,
  given: WorkerGiven,
): Promise<PerformReply> {
  const scheduler = schedulerIn(given.env)
  return await worker.called(given, (consumer) => performBy(request, scheduler, consumer))
}

async function performBy(
  request: PerformRequest,
  scheduler: SchedulerRpc,
  consumer: Consumer,
): Promise<PerformReply> {
  const { to, claimId, tasks } = request
  for (const { task } of tasks) check(task)
  const { time, chance } = consumer
  const startedAt = time.now()
  const line = attemptLine({ scheduler, time, chance }, to, claimId)
  const answer = new Answer(line)
  let open = tasks.length
  const slots = new InvocationSlots(consumer.slots, time)
  const all = tasks.map((one) => performOne(one, answer, { consumer, slots }).then(() => (open -= 1)))
  await quiet(() => open)
  if (open > 0) await Promise.race([Promise.all(all), pause(time, SOON_MS)])
  const late = open > 0 ? answer.goOn() : []
  await Promise.all([...all, ...late])
  const { taskQueue, buildId } = consumer
  consumer.tally('call', { taskQueue, buildId, tasks: tasks.length, ms: time.now() - startedAt })
  return { settled: answer.settled }
}

async function performOne(
  { task, grant }: PerformRequest['tasks'][number],
  line: AttemptLine,
  { consumer, slots }: { consumer: Consumer; slots: InvocationSlots },
): Promise<void> {
  const entered = !consumer.isStopping() && slots.enter()
  try {
    if (entered) await carryOut({ task, grant }, line, consumer)
    else await line.settle({ ...keyOf(task, grant.attempt), outcome: { kind: 'given_back' } })
  } catch (error) {
    unsettled(error)
  } finally {
    if (entered) slots.leave()
  }
}

function unsettled(error: unknown): void {
  log('settlement_failed', { error: String(error) })
}

function check(task: unknown): void {
  const reading = readMessage(task)
  if (reading.kind === 'tasks') return
  const foreign = reading.kind === 'foreign_version'
  const message = foreign
    ? `the scheduler speaks version ${reading.v} of the protocol: deploy releases next to each other`
    : 'the scheduler sent what is no task'
  throw new WorkflowError(foreign ? 'protocol_mismatch' : 'invalid_argument', message, {
    ...(reading.kind === 'malformed' && { path: reading.path }),
  })
}

type Settled = SettleRequest['tasks'][number]

/** A line to the shard whose settlements are kept for the answer of the call, until that takes too long. */
class Answer implements AttemptLine {
  readonly renewals: AttemptLine['renewals']
  readonly time: AttemptLine['time']
  readonly #line: AttemptLine
  #waits = true
  settled: Settled[] = []

  constructor(line: AttemptLine) {
    this.#line = line
    this.renewals = line.renewals
    this.time = line.time
  }

  async settle(task: Settled): Promise<SettleReply> {
    if (!this.#waits) return await this.#line.settle(task)
    this.settled.push(task)
    return { ok: true }
  }

  /** What waits is settled now, and whatever comes as it comes. */
  goOn(): Promise<unknown>[] {
    this.#waits = false
    return this.settled.splice(0).map((task) => this.#line.settle(task).catch(unsettled))
  }
}
