/**
 * Requests that say no more than most do, told from others by hand: the shape of all that they may say is gone through
 * field by field, five times as long. What is not usual is for the shape to judge; whatever is usual, the shape would take.
 */
import { fitsWorkflowId, isName } from '../shared/names.ts'
import type { StartRequest } from '../shared/protocol.ts'
import { isPayload, MAX_ITEMS } from './shapes.ts'
import { MAX_WAIT_MS } from './waiters.ts'

type Fits = (value: unknown) => boolean

const isText: Fits = (value) => typeof value === 'string' && isName(value)
const isCount: Fits = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const START: ReadonlyMap<string, Fits> = new Map<keyof StartRequest | 'v', Fits>([
  ['v', isCount],
  ['to', isAddress],
  ['workflowId', (id) => typeof id === 'string' && id !== '' && fitsWorkflowId(id)],
  ['workflowType', isText],
  ['requestId', isText],
  ['taskQueue', isText],
  ['input', isPayload],
  ['idReuse', (reuse) => reuse === 'allow'],
  ['idConflict', (conflict) => conflict === 'fail'],
  ['waitMs', isCount],
])
const START_BODY: ReadonlyMap<string, Fits> = new Map<string, Fits>([
  ...[...START].filter(([name]) => name !== 'v' && name !== 'to'),
  ['waitMs', (ms) => isCount(ms) && Number(ms) <= MAX_WAIT_MS],
])
const NEEDED = ['to', 'workflowId', 'workflowType', 'requestId', 'idReuse', 'idConflict']

export function isUsualStart(request: unknown): boolean {
  return isOf(request, START) && NEEDED.every((name) => Object.hasOwn(request, name))
}

/** The same as the body of a request over HTTP, where some fields may be absent. */
export function isUsualStartBody(body: unknown): boolean {
  return isOf(body, START_BODY) && Object.hasOwn(body, 'workflowType')
}

function isOf(request: unknown, fields: ReadonlyMap<string, Fits>): request is object {
  if (typeof request !== 'object' || request === null) return false
  for (const [name, value] of Object.entries(request)) if (!fields.get(name)?.(value)) return false
  return true
}

/** A claim of the tasks of a batch. */
export function isUsualClaim(request: unknown): boolean {
  return isOfTasks(
    request,
    ({ deliveries, needInput }) => isCount(deliveries) && typeof needInput === 'boolean',
    5,
  )
}

/** A settlement of tasks that were completed, without a heartbeat. */
export function isUsualSettlement(request: unknown): boolean {
  return isOfTasks(request, ({ outcome }) => isCompletion(outcome), 4)
}

interface Fields {
  readonly [field: string]: unknown
}

/** Each of so many fields, of which `fits` looks at those that not every such request has. */
function isOfTasks(request: unknown, fits: (task: Fields) => boolean, fields: number): boolean {
  if (!isObject(request)) return false
  const { v, to, claimId, tasks } = request
  const isHead = isCount(v) && isAddress(to) && isText(claimId) && hasOnly(request, 4)
  if (!isHead || !Array.isArray(tasks) || tasks.length > MAX_ITEMS) return false
  return tasks.every((task: unknown) => isObject(task) && isKey(task) && fits(task) && hasOnly(task, fields))
}

function isKey({ runId, seq, attempt }: Fields): boolean {
  return isText(runId) && isCount(seq) && seq !== 0 && isCount(attempt) && attempt !== 0
}

function isCompletion(outcome: unknown): boolean {
  if (!isObject(outcome) || outcome['kind'] !== 'completed') return false
  return hasOnly(outcome, 1) || ('result' in outcome && hasOnly(outcome, 2) && isPayload(outcome['result']))
}

function isAddress(value: unknown): boolean {
  if (!isObject(value)) return false
  const { namespace, shard, shards } = value
  const isNamespace = typeof namespace === 'string' && isName(namespace) && !namespace.includes('/')
  return isNamespace && isCount(shard) && isCount(shards) && shards !== 0 && hasOnly(value, 3)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function hasOnly(value: object, fields: number): boolean {
  return Object.keys(value).length === fields
}
