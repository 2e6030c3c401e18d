/** What fields of requests may be, whoever sends them: a request is checked whole, and unknown fields are left out. */
import * as z from 'zod/mini'
import { WorkflowError } from '../shared/errors.ts'
import type { ErrorCode } from '../shared/error-code.ts'
import type { SerializedError } from '../shared/errors.ts'
import { isAttributeName } from '../shared/attributes.ts'
import { MAX_FIELDS_BYTES } from '../shared/core/fields.ts'
import { fitsWorkflowId, isName, MAX_NAME_LENGTH, MAX_WORKFLOW_ID_BYTES } from '../shared/names.ts'
import { MAX_INLINE_BYTES } from '../shared/reference.ts'
import { decodePayload, MAX_DEPTH, payloadBytes } from '../shared/payload.ts'
import type { Json, Payload } from '../shared/payload.ts'

export type Shape<T> = z.ZodMiniType<T>
/** Of an object, every field of it, the optional ones too: one that is not named is left out. */
export type Whole<T> = Shape<T> & { readonly shape: { readonly [K in keyof T]-?: unknown } }

/** What the document of the HTTP API says of a shape beyond what the shape itself shows; one with an `id` is a component. */
export const described = z.registry<Said>()

/** Keywords of JSON Schema. */
interface Said {
  id?: string
  description?: string
  examples?: unknown[]
  [keyword: string]: unknown
}

/** `shape`, of which the document says that too. */
export function said<T extends z.ZodMiniType>(shape: T, words: Said): T {
  const own = shape.clone(shape.def, { parent: true })
  described.add(own, words)
  return own
}

/** `shape`, which takes what is usual as it is: `isUsual` says it of nothing that the shape would refuse. */
export function quick<T extends z.ZodMiniType>(shape: T, isUsual: (value: unknown) => boolean): T {
  const parse = shape.safeParse.bind(shape)
  shape.safeParse = (value, context) =>
    isUsual(value) ? { success: true, data: value as z.output<T> } : parse(value, context)
  return shape
}

/** `value` as the shape has it; `root` is what the paths of refusals begin with. Without one, the whole is `request`. */
export function checked<T>(shape: Shape<T>, value: unknown, root?: string): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const own = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])]
  const path = [...(root === undefined ? [] : [root]), ...own].map(String).join('.') || 'request'
  const code =
    issue?.code === 'custom' && issue.params?.['code'] === TOO_LARGE ? TOO_LARGE : 'invalid_argument'
  throw new WorkflowError(code, `${path} is not what it must be (${why(issue)})`, { path })
}

const TOO_LARGE = 'payload_too_large' satisfies ErrorCode

function why(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return `no ${issue.expected}`
    case 'invalid_value':
      return `none of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `less than ${issue.minimum}`
    case 'too_big':
      return `more than ${issue.maximum}`
    case 'unrecognized_keys':
      return 'not known here'
    case 'invalid_union':
      return issue.errors.map(([first]) => why(first)).join(', ') || issue.code
    default:
      return issue?.message || String(issue?.code)
  }
}

/** Of a payload, tags included: each may stand around a container. */
const MAX_LEVELS = 2 * (MAX_DEPTH + 1)
/** Of lists in one request: tasks, starts. */
export const MAX_ITEMS = 1_000
const MAX_REASON_LENGTH = 2_000

export const name = said(
  z.string().check(z.refine(isName, `no text of 1 to ${MAX_NAME_LENGTH} characters`)),
  { minLength: 1, maxLength: MAX_NAME_LENGTH },
)
export const reason = z.string().check(z.maxLength(MAX_REASON_LENGTH))
export const workflowId = said(
  z
    .string()
    .check(
      z.minLength(1),
      z.refine(fitsWorkflowId, `no ${MAX_WORKFLOW_ID_BYTES} bytes of UTF-8 without NUL`),
    ),
  {
    maxLength: MAX_WORKFLOW_ID_BYTES,
  },
)
/** No slash: it ends the namespace in the name of an object, and in the keys of a run's. */
export const namespace = said(name.check(z.refine((text) => !text.includes('/'), 'with a slash')), {
  minLength: 1,
  maxLength: MAX_NAME_LENGTH,
  pattern: '^[^/]+$',
})

export function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
  return z.int().check(z.gte(least), z.lte(most))
}

export const address = z.object({ namespace, shard: whole(0), shards: whole(1) })

export function listOf<T extends z.ZodMiniType>(item: T, most = MAX_ITEMS) {
  return z.array(item).check(z.maxLength(most))
}

/**
 * Encoded, as it is stored, and inline: JSON that is neither too deep nor too large, and whose tags come back. One that did
 * not would fail whoever decodes it: the run that takes the signal, or the list that shows the memo.
 */
export const payload = said(
  z.custom<Payload>().check(({ value, issues }) => {
    const problem = problemOf(value)
    if (problem) issues.push({ code: 'custom', input: value, ...problem })
  }),
  {
    description:
      'JSON of at most 128 KiB. What JSON has no form for is an object with $type, such as a Date.',
  },
)

/** Values by name, each a payload. A copy would lose one that is called `__proto__`. */
export const fields = said(
  fieldsNamed((key) => key.length <= MAX_NAME_LENGTH),
  { type: 'object', additionalProperties: true },
)
export const attributes = said(fieldsNamed(isAttributeName), { type: 'object', additionalProperties: true })

function fieldsNamed(fits: (key: string) => boolean) {
  return z.custom<Record<string, Payload>>().check(({ value, issues }) => {
    const entries: [string, Payload][] | null = isRecord(value) ? Object.entries(value as object) : null // as it was just found
    if (!entries || entries.length > MAX_ITEMS)
      issues.push({
        code: 'custom',
        input: value,
        message: `no object of at most ${MAX_ITEMS} values by name`,
      })
    for (const [key, one] of entries ?? []) {
      const problem = fits(key) ? problemOf(one) : { message: 'not named as it must be' }
      if (problem) issues.push({ code: 'custom', input: one, path: [key], ...problem })
    }
    const bytes = issues.length === 0 ? payloadBytes(value as Json) : 0 // payloads by name are one
    if (bytes > MAX_FIELDS_BYTES)
      issues.push({ code: 'custom', input: value, ...largerThan(MAX_FIELDS_BYTES, bytes) })
  })
}

export const error = said(
  z.custom<SerializedError>((value) => isError(value, MAX_DEPTH)),
  {
    id: 'SerializedError',
    type: 'object',
    properties: {
      name: { type: 'string' },
      message: { type: 'string' },
      code: {
        type: 'string',
        description: 'What to branch on; application_error where it is none of the engine.',
      },
      stack: { type: 'string' },
      cause: { $ref: '#/components/schemas/SerializedError' },
      details: true,
      facts: { type: 'object', additionalProperties: true },
    },
    required: ['name', 'message', 'code'],
  },
)

export function record<T extends object>() {
  return said(z.custom<T>(isRecord), { type: 'object', additionalProperties: true })
}

function problemOf(value: Payload): { message: string; params?: Record<string, unknown> } | null {
  if (value === undefined) return null
  if (!isJson(value, MAX_DEPTH, MAX_LEVELS)) return { message: `no JSON of at most ${MAX_DEPTH} levels` }
  const bytes = payloadBytes(value)
  if (bytes > MAX_INLINE_BYTES) return largerThan(MAX_INLINE_BYTES, bytes)
  const unread = isTagged(value) ? undecodable(value) : null
  return unread === null ? null : { message: unread }
}

function largerThan(most: number, bytes: number): { message: string; params: Record<string, unknown> } {
  return { message: `${bytes} bytes, above ${most}`, params: { code: TOO_LARGE } }
}

export function isPayload(value: unknown): boolean {
  return value === undefined || problemOf(value as Payload) === null // it looks at whatever it is
}

/** `depth` is of containers, `levels` of these and the tags around them. */
function isJson(value: unknown, depth: number, levels: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || levels === 0) return false
  const below = '$type' in value ? depth : depth - 1
  if (below < 0) return false
  const isPart = (part: unknown): boolean => isJson(part, below, levels - 1)
  return Array.isArray(value) ? value.every(isPart) : isRecord(value) && Object.values(value).every(isPart)
}

function isTagged(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return '$type' in value || Object.values(value).some(isTagged)
}

/** Why the payload cannot be decoded; null where it can. */
function undecodable(value: Payload): string | null {
  try {
    decodePayload(value)
    return null
  } catch (thrown) {
    if (thrown instanceof WorkflowError) return thrown.message
    throw thrown
  }
}

function isError(value: unknown, depth: number): boolean {
  if (!isRecord(value) || depth === 0) return false
  const { cause, ...rest } = value
  return (
    [rest['name'], rest['message'], rest['code']].every((text) => typeof text === 'string') &&
    Object.values(rest).every((part) => part === undefined || isJson(part, MAX_DEPTH, MAX_LEVELS)) &&
    (cause === undefined || isError(cause, depth - 1))
  )
}

/** An object that is no instance of a class, and so comes back from JSON as it is. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
