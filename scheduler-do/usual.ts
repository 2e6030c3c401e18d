/**
 * A start that says no more than most do, told from others by hand: the shape of all that a start may say is gone through
 * field by field, five times as long. What is not usual is for the shape to judge; whatever is usual, the shape would take.
 */
import { fitsWorkflowId, isName } from '../shared/names.ts'
import type { StartRequest } from '../shared/protocol.ts'
import { isPayload } from './shapes.ts'

type Fits = (value: unknown) => boolean

const isText: Fits = (value) => typeof value === 'string' && isName(value)
const isCount: Fits = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const FIELDS: ReadonlyMap<string, Fits> = new Map<keyof StartRequest | 'v', Fits>([
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
const NEEDED = ['to', 'workflowId', 'workflowType', 'requestId', 'idReuse', 'idConflict']

export function isUsualStart(request: unknown): boolean {
  if (typeof request !== 'object' || request === null) return false
  for (const [name, value] of Object.entries(request)) if (!FIELDS.get(name)?.(value)) return false
  return NEEDED.every((name) => Object.hasOwn(request, name))
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { namespace, shard, shards, ...more }: { [field: string]: unknown } = { ...value }
  const isNamespace = typeof namespace === 'string' && isName(namespace) && !namespace.includes('/')
  return isNamespace && isCount(shard) && isCount(shards) && shards !== 0 && Object.keys(more).length === 0
}
