/** What routes ask for: in paths, in queries, where every value is a text, and in bodies. */
import * as z from 'zod/mini'
import { MAX_DURATION_MS } from '../../shared/duration.ts'
import { name, said, whole, workflowId } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { MAX_WAIT_MS } from '../waiters.ts'

const optional = z.exactOptional

export const ofWorkflow = z.object({ workflowId })
export const ofSchedule = z.object({ scheduleId: name })

/** Which run of the workflow id is meant. */
export const run = z.object({
  runId: said(optional(name), {
    description: 'This run, and no other. Absent: the latest of the workflow id.',
  }),
  firstRunId: said(optional(name), { description: 'The latest run of the chain that began with this one.' }),
})

export const duration = said(
  z.union([
    whole(0, MAX_DURATION_MS),
    said(z.string(), { pattern: '^\\d*\\.?\\d+ ?(ms|s|m|h|d|w|(second|minute|hour|day|week)s?)$' }),
  ]),
  {
    description: 'Milliseconds, or a text such as 30 minutes.',
    examples: [60_000, '30 minutes'],
  },
)

/** Milliseconds since the epoch are digits in a query. */
export const instant = said(
  z.pipe(
    z.union([z.int(), said(z.string(), { format: 'date-time' })]),
    z.transform((given) => (typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given)),
  ),
  {
    description: 'Epoch milliseconds, or an ISO 8601 text.',
    examples: [1_767_268_800_000, '2026-01-01T12:00:00Z'],
  },
)

export const cursor = said(optional(z.string().check(z.maxLength(1_000))), {
  description: 'nextCursor of the page before.',
})

/** Of a query. */
export function number(least: number, most: number, description: string) {
  const read = z.pipe(z.union([z.number(), z.string().check(z.minLength(1))]), z.transform(Number))
  const shape = z.pipe(read, whole(least, most))
  return said(optional(shape), { type: 'integer', minimum: least, maximum: most, description })
}

export const waitMs = number(0, MAX_WAIT_MS, 'How long to hold the call open, in milliseconds. Absent: 0.')

/** Of a query, where it is a text, or of one that came as JSON. */
export function flag(description: string) {
  const given = z.custom<boolean | string>(
    (one) => typeof one === 'boolean' || one === 'true' || one === 'false',
    'neither true nor false',
  )
  const shape = z.pipe(
    given,
    z.transform((one) => one === true || one === 'true'),
  )
  return said(optional(shape), { type: 'boolean', description })
}

/** Of a query: JSON as a text. */
export function jsonText<T>(shape: Shape<T>) {
  const parsed = z.transform((text: string, { issues }): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      issues.push({ code: 'custom', input: text, message: 'no JSON' })
      return z.NEVER
    }
  })
  return z.pipe(z.pipe(z.string(), parsed), shape)
}
