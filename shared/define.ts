/** Definitions: what authors write with, and what the engine reads from it. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: types nobody declared */
import type { ActivityContext, ActivityDefinition, ActivityOptions } from './activity.ts'
import type { WorkflowContext } from './context.ts'
import { WorkflowError } from './errors.ts'
import type { MessageMap, QueryDefinition, SignalDefinition, UpdateDefinition } from './message.ts'
import { about, checkedFunction, checkedName } from './names.ts'
import { ACTIVITY_OPTIONS, checkOptions, WORKFLOW_OPTIONS } from './options.ts'
import type { WorkflowDefinition, WorkflowOptions } from './workflow.ts'

/**
 * An activity: work outside the workflow, run by a Worker of its task queue, retried until it succeeds.
 * `const reserve = defineActivity('reserve', async (items: Item[], ctx) => { ... }, { retry: { maxAttempts: 3 } })`
 * Throws `invalid_argument`, with the option's `path`, for a default that no call could have.
 */
export function defineActivity<I = any, O = any, N extends string = string, H = unknown>(
  name: N,
  fn: (input: I, ctx: ActivityContext<H>) => Promise<O> | O,
  defaults?: ActivityOptions,
): ActivityDefinition<I, Awaited<O>, N> {
  checkedName(name, 'name')
  checkedFunction(fn, `the function of ${name}`)
  const body: ActivityBody = { fn, defaults: defaults ?? {} }
  about(`activity ${name}`, () => checkOptions(body.defaults, ACTIVITY_OPTIONS))
  return made({ kind: 'activity', name }, body)
}
export { defineActivity as activity }

/** A signal, by the type of its payload: `export const payment = signal<Payment>('payment')`. */
export function signal<P = void>(name: string): SignalDefinition<P> {
  return Object.freeze({ kind: 'signal', name: checkedName(name, 'name') })
}

/** A query, by the types of its result and its arguments: `export const status = query<Status>('status')`. */
export function query<R, A extends unknown[] = []>(name: string): QueryDefinition<R, A> {
  return Object.freeze({ kind: 'query', name: checkedName(name, 'name') })
}

/**
 * An update, by the types of its result and its arguments:
 * `export const setAddress = update<void, [Address]>('setAddress')`.
 */
export function update<R, A extends unknown[] = []>(name: string): UpdateDefinition<R, A> {
  return Object.freeze({ kind: 'update', name: checkedName(name, 'name') })
}

/**
 * A workflow: a deterministic function whose progress survives crashes and deploys. What is not deterministic (IO, time,
 * randomness) goes through `ctx`.
 * `const order = workflow('order', async (ctx, order: Order) => { await ctx.activity(reserve, { input: order.items }) })`
 */
export function workflow<I = any, R = any>(
  name: string,
  fn: (ctx: WorkflowContext, input: I) => Promise<R>,
): WorkflowDefinition<I, R>
/**
 * With its messages and defaults:
 * `workflow('order', { messages: { payment }, taskQueue: 'orders' }, async (ctx, order: Order) => { ... })`.
 * Throws `invalid_argument`, with the option's `path`, for an option that no run could have.
 */
export function workflow<M extends MessageMap, I = any, R = any>(
  name: string,
  options: WorkflowOptions<M>,
  fn: (ctx: WorkflowContext<M>, input: I) => Promise<R>,
): WorkflowDefinition<I, R, M>
export function workflow(
  name: string,
  optionsOrFn: WorkflowOptions<MessageMap> | WorkflowFunction,
  maybeFn?: WorkflowFunction,
): WorkflowDefinition {
  const options = typeof optionsOrFn === 'function' ? {} : optionsOrFn
  const fn = typeof optionsOrFn === 'function' ? optionsOrFn : maybeFn
  checkedName(name, 'name')
  const body: WorkflowBody = { fn: checkedFunction(fn, `the function of ${name}`), options }
  about(`workflow ${name}`, () => checkOptions(options, WORKFLOW_OPTIONS))
  return made({ kind: 'workflow', name, messages: options.messages ?? {} }, body)
}

// ---- the engine's side ----

export type ActivityFunction = (input: any, ctx: ActivityContext<any>) => unknown
/** Takes the context of the workflow's own messages. */
export type WorkflowFunction = (ctx: WorkflowContext<any>, input: any) => Promise<unknown>

interface ActivityBody {
  readonly fn: ActivityFunction
  readonly defaults: ActivityOptions
}
interface WorkflowBody {
  readonly fn: WorkflowFunction
  readonly options: WorkflowOptions<MessageMap>
}

/** The function and defaults behind an activity's definition. */
export function activityOf(
  definition: ActivityDefinition<any, any, any>,
): ActivityBody & { readonly name: string } {
  const body = bodyOf(definition)
  if (!isActivityBody(body)) throw notMade('activity', 'defineActivity()')
  return { name: definition.name, fn: body.fn, defaults: body.defaults }
}

/** The function and options behind a workflow's definition. */
export function workflowOf(
  definition: WorkflowDefinition<any, any, any>,
): WorkflowBody & { readonly name: string } {
  const body = bodyOf(definition)
  if (!isWorkflowBody(body)) throw notMade('workflow', 'workflow()')
  return { name: definition.name, fn: body.fn, options: body.options }
}

/** Registered, not unique to this module: a bundle may hold the package twice, and a definition is valid in both. */
const BODY = Symbol.for('perdure.definition')

function made<D extends object>(definition: D, body: ActivityBody | WorkflowBody): D {
  return Object.freeze(Object.defineProperty(definition, BODY, { value: Object.freeze(body) }))
}

function bodyOf(definition: unknown): object {
  const body: unknown =
    typeof definition === 'object' && definition !== null ? Reflect.get(definition, BODY) : null
  return typeof body === 'object' && body !== null ? body : {}
}

function isActivityBody(body: object): body is ActivityBody {
  return 'defaults' in body
}

function isWorkflowBody(body: object): body is WorkflowBody {
  return 'options' in body
}

function notMade(path: string, maker: string): WorkflowError {
  return new WorkflowError('invalid_argument', `not a definition of this package: make it with ${maker}`, {
    path,
  })
}
