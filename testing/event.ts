/**
 * An event of history in its three forms: as clients see it, as a line of JSON, as it was recorded.
 *
 * A line is the client's event with its payloads encoded again, since JSON alone would lose a Date or a Map. Whoever
 * writes `JSON.stringify(event)` writes a line too, where all payloads are plain JSON: that is its own encoding.
 */
import type { HistoryEvent as RecordedEvent } from '../shared/core/events.ts'
import { isEventType } from '../shared/core/events.ts'
import type { HistoryEvent } from '../shared/info.ts'
import { invalid } from '../shared/names.ts'
import { encodePayload } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import { eventShape } from './event-shape.ts'

type Fields = Record<string, unknown>

/** The event as one line of JSON. */
export function lineOf({ eventId, type, timestamp, data }: HistoryEvent): string {
  return JSON.stringify({ eventId, type, timestamp, data: encodedData(data) })
}

/** The event, whatever its form, as it was recorded; `place` names it in a refusal. */
export function recordedEvent(given: Fields, place: string): RecordedEvent {
  const { type } = given
  if (typeof type !== 'string' || !isEventType(type))
    throw invalid(`${place}.type`, 'the type of an event that this release knows', type)
  if (typeof given['at'] === 'number') return sound(given, place)
  const { timestamp, data } = given
  const at = timestamp instanceof Date ? timestamp.getTime() : Date.parse(String(timestamp))
  if (Number.isNaN(at)) throw invalid(`${place}.timestamp`, 'a Date or an ISO 8601 instant', timestamp)
  if (!isFields(data)) throw invalid(`${place}.data`, 'what was recorded with the event', data)
  // A Date has been through no JSON, and what stands beside it neither.
  const fields = timestamp instanceof Date ? encodedData(data) : { ...data }
  if (type === 'workflow_started') {
    delete fields['workflowId']
    delete fields['runId']
  }
  return sound({ type, at, ...fields }, place)
}

/** `event`, which has all that its type records. */
function sound(event: Fields, place: string): RecordedEvent {
  const result = eventShape.safeParse(event)
  if (result.success) return event as RecordedEvent // its shape has just been checked; its fields keep their order
  const [path = []] = result.error.issues.map((issue) => issue.path)
  const field = path.reduce<unknown>(
    (value, key) => (isFields(value) ? value[String(key)] : undefined),
    event,
  )
  throw invalid([place, ...path.map(String)].join('.'), `what ${String(event['type'])} records`, field)
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The inverse of what `historyEventOf` does for clients. */
function encodedData(data: unknown): Fields {
  if (!isFields(data)) return {}
  const encoded: Fields = { ...data }
  for (const name of PAYLOADS) if (name in data) encoded[name] = encodePayload(data[name], name)
  for (const name of PAYLOADS_BY_KEY) if (name in data) encoded[name] = encodedFields(data[name], name)
  return encoded
}

const PAYLOADS = ['input', 'result', 'payload', 'args']
const PAYLOADS_BY_KEY = ['memo', 'searchAttributes']

function encodedFields(fields: unknown, name: string): Record<string, Payload> {
  if (!isFields(fields)) return {}
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, encodePayload(value, `${name}.${key}`)]),
  )
}
