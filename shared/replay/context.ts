/** The `ctx` of a run: every durable call of the public interface, as commands of its coroutine. */
import type { ActivityDefinition, ActivityOptions, StepContext } from '../activity.ts'
import type { ChildOptions } from '../child.ts'
import type { WorkflowContext } from '../context.ts'
import type { CancellationType, ScheduleLink } from '../core/events.ts'
import { activityOf } from '../define.ts'
import { toEpochMs, toMs } from '../duration.ts'
import type { Duration, Instant } from '../duration.ts'
import { checkedFunction, checkedName } from '../names.ts'
import { traceparent } from '../trace.ts'
import type { ContinueAsNewOptions } from '../workflow.ts'
import { Call } from './calls.ts'
import { externalTarget } from './children.ts'
import { continueAsNew } from './continuation.ts'
import type { AnyWorkflow, Coroutine } from './coroutine.ts'
import { handlers, signalWaits } from './messages.ts'
import { metrics } from './metrics.ts'
import { callRules, recordedRules } from './options.ts'
import type { SeededRandom } from './random.ts'
import { upserts } from './upserts.ts'
import { inScope, startTimer, until } from './waits.ts'

export function createContext(coroutine: Coroutine): WorkflowContext {
  const { sites } = coroutine.root
  const context: object = liveFacts(coroutine)
  for (const part of PARTS) {
    const methods = part(coroutine)
    Object.assign(context, sites ? sites.traced(methods) : methods)
  }
  // The public interface is overloaded by inferred types; at run time each method is the one function above.
  return context as unknown as WorkflowContext
}

const PARTS: readonly ((coroutine: Coroutine) => object)[] = [
  facts,
  work,
  waiting,
  signalWaits,
  handlers,
  upserts,
  relations,
]

function facts(coroutine: Coroutine) {
  const { started, identity } = coroutine
  return {
    workflowId: identity.workflowId,
    runId: identity.runId,
    workflowType: started.workflowType,
    taskQueue: started.taskQueue,
    attempt: started.attempt ?? 1,
    version: started.version,
    now: () => new Date(coroutine.now),
    random: () => draws(coroutine, 'ctx.random').next(),
    uuid: () => draws(coroutine, 'ctx.uuid').uuid(),
    log: logger(coroutine),
    metrics: metrics(coroutine),
    patched: (id: string) => coroutine.patches.ask(id, 'ctx.patched'),
    deprecatePatch: (id: string): void => {
      coroutine.patches.ask(id, 'ctx.deprecatePatch')
    },
    continueAsNew: (input: unknown, options?: ContinueAsNewOptions): never =>
      continueAsNew(coroutine, input, options),
    ...(started.parent && { parent: { workflowId: started.parent.workflowId, runId: started.parent.runId } }),
    ...(started.schedule && { schedule: scheduleOf(started.schedule) }),
  }
}

function scheduleOf({ scheduleId, scheduledAt }: ScheduleLink): { scheduleId: string; scheduledAt: Date } {
  return { scheduleId, scheduledAt: new Date(scheduledAt) }
}

/** A draw moves the run's sequence on: in a query or a step it would come where no replay makes it. */
function draws(coroutine: Coroutine, what: string): SeededRandom {
  coroutine.guard(what)
  return coroutine.random
}

/** Leads from a `ctx` to its run. */
const RUN = Symbol('run')

type OfRun = { readonly [RUN]: Coroutine }

/**
 * Accessors that all runs share: one made for a run lives as long as the platform's next full collection, and so would
 * the run. They come first: where an object has other properties already they cost most.
 */
const LIVE_FACTS = {
  startTime: fact(({ started }) => new Date(started.at)),
  history: fact(({ history }) => history.facts()),
  currentStep: fact(({ seq }) => seq),
  traceparent: fact(({ identity }) => traceparent(identity.runId)),
  isReplaying: fact(({ replaying }) => replaying),
  cancellation: fact(({ root }) => root.signal),
}

function fact(of: (coroutine: Coroutine) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: OfRun) {
      return of(this[RUN])
    },
  }
}

function liveFacts(coroutine: Coroutine): object {
  return Object.defineProperties(Object.defineProperty({}, RUN, { value: coroutine }), LIVE_FACTS)
}

function logger(coroutine: Coroutine): WorkflowContext['log'] {
  const level = (name: 'debug' | 'info' | 'warn' | 'error') => {
    return (...args: unknown[]): void => {
      if (!coroutine.replaying) console[name](...args)
    }
  }
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
}

const NO_RULES: ReturnType<typeof recordedRules> = {}

type StepFunction = (step: StepContext) => unknown

function work(coroutine: Coroutine) {
  return {
    activity: (
      target: ActivityDefinition | string,
      options: ActivityOptions & { input?: unknown } = {},
    ): Promise<unknown> => promised(() => callActivity(coroutine, target, options)),
    run: (name: string, fn: StepFunction, options?: ActivityOptions): Promise<unknown> =>
      promised(() => callStep(coroutine, { name: checkedName(name, 'name'), fn, options })),
  }
}

/** What an async function does with a throw, without the promise of its own that each call would cost. */
function promised(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return call()
  } catch (error) {
    return Promise.reject(error)
  }
}

function callStep(
  coroutine: Coroutine,
  { name, fn, options }: { name: string; fn: StepFunction; options: ActivityOptions | undefined },
): Promise<unknown> {
  const scope = coroutine.enter('ctx.run')
  coroutine.calls.checkRoom('step')
  const { retry, timeouts, cancellation } = options ? recordedRules(callRules([options])) : NO_RULES
  const seq = coroutine.nextSeq()
  const call = new Call({ kind: 'step', name, since: coroutine.now }, scope)
  cancelAs(cancellation ?? 'wait', call, {
    request: () => coroutine.issue({ type: 'step_cancel_requested', seq }),
    letGo: () => coroutine.calls.take(seq),
  })
  coroutine.calls.add(seq, call)
  coroutine.steps.set(seq, fn)
  coroutine.issue({
    type: 'step_scheduled',
    seq,
    name,
    ...(retry && { retry }),
    ...(timeouts && { timeouts }),
  })
  return call.promise
}

/** What a cancel of its scope does to a call of work: told or not, settled at once or with its own end. */
function cancelAs(
  cancellation: CancellationType,
  call: Call,
  { request, letGo }: { request: () => void; letGo: () => void },
): void {
  call.onCancel = (error) => {
    if (cancellation !== 'abandon') request()
    call.onCancel = () => {}
    if (cancellation === 'wait') return
    letGo()
    call.reject(error)
  }
}

function callActivity(
  coroutine: Coroutine,
  target: ActivityDefinition | string,
  options: ActivityOptions & { input?: unknown },
): Promise<unknown> {
  const scope = coroutine.enter('ctx.activity')
  coroutine.calls.checkRoom('activity')
  const defaults = typeof target === 'string' ? undefined : activityOf(target).defaults
  const activityType = typeof target === 'string' ? checkedName(target, 'name') : target.name
  const rules = callRules([coroutine.activityDefaults, defaults, options])
  const input = coroutine.encode(options.input, 'input')
  const seq = coroutine.nextSeq()
  const call = new Call({ kind: 'activity', name: activityType, since: coroutine.now }, scope)
  cancelAs(rules.cancellation, call, {
    request: () => coroutine.issue({ type: 'activity_cancel_requested', seq }),
    letGo: () => coroutine.calls.take(seq),
  })
  coroutine.calls.add(seq, call)
  const taskQueue = rules.taskQueue ?? coroutine.started.taskQueue
  const priority = rules.priority ?? coroutine.started.priority ?? 0
  coroutine.issue({
    type: 'activity_scheduled',
    seq,
    activityType,
    ...recordedRules(rules),
    ...(priority !== 0 && { priority }),
    taskQueue,
    ...(input !== undefined && { input }),
  })
  return call.promise
}

function waiting(coroutine: Coroutine) {
  return {
    sleep: async (duration: Duration, options: { summary?: string } = {}): Promise<void> => {
      const scope = coroutine.enter('ctx.sleep')
      const ms = Math.max(0, toMs(duration, 'duration', { allowNegative: true }))
      await startTimer(coroutine, scope, { fireAt: coroutine.now + ms, name: 'sleep', ...options }).promise
    },
    sleepUntil: async (instant: Instant): Promise<void> => {
      const scope = coroutine.enter('ctx.sleepUntil')
      const fireAt = Math.max(coroutine.now, toEpochMs(instant, 'instant'))
      await startTimer(coroutine, scope, { fireAt, name: 'sleepUntil' }).promise
    },
    condition: async (fn: () => boolean, timeout?: Duration): Promise<boolean> =>
      until(coroutine, fn, timeout === undefined ? undefined : toMs(timeout, 'timeout')),
  }
}

function relations(coroutine: Coroutine) {
  return {
    startChild: async (
      workflow: AnyWorkflow,
      options: ChildOptions & { input?: unknown },
    ): Promise<unknown> => coroutine.children.handle(coroutine.children.request(workflow, options)),
    executeChild: async (
      workflow: AnyWorkflow,
      options: ChildOptions & { input?: unknown },
    ): Promise<unknown> => coroutine.children.request(workflow, options).result.promise,
    external: (workflowId: string, runId?: string) => externalTarget(coroutine, workflowId, runId),
    scope: async (
      fn: Parameters<WorkflowContext['scope']>[0],
      options: { timeout?: Duration } = {},
    ): Promise<unknown> => {
      const timeout = options.timeout === undefined ? {} : { timeoutMs: toMs(options.timeout, 'timeout') }
      return inScope(coroutine, fn, timeout)
    },
    shield: async (fn: () => Promise<unknown>): Promise<unknown> =>
      inScope(coroutine, fn, { shielded: true }),
    compensate: (fn: () => Promise<unknown>): void => {
      coroutine.guard('ctx.compensate')
      coroutine.ending.compensate(checkedFunction(fn, 'the compensation'))
    },
  }
}
