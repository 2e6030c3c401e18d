/** Rows of whole runs as the bytes of one or more objects, each within its limits and decoded again. */
import { FrameBuilder } from './build.ts'
import { historyColumns } from './columns.ts'
import { arrowBytes, differenceFrom, release, type Frame } from './frame.ts'
import { decodeParquet, encodeParquet } from './parquet.ts'
import { Poisoned } from './rows.ts'

export interface WarmLimits {
  /** Compressed, of one object: a lookup fetches all of it. */
  readonly objectBytes: number
  /** Arrow, of one object: bounds memory while it is encoded. */
  readonly arrowBytes: number
  /** What compression was seen to leave of a byte; every object corrects it. */
  ratio: number
}

export function warmLimits(objectBytes = 256 * 1024): WarmLimits {
  return { objectBytes, arrowBytes: 8 * 1024 * 1024, ratio: 0.1 }
}

/** Consecutive rows of one run. */
export interface Span {
  readonly workflowId: string
  readonly runId: string
  readonly closedAt: number
  readonly rows: number
}

export interface Packed {
  readonly frame: Frame
  readonly spans: readonly Span[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** In the order of the rows. A run that cannot be encoded, or does not come back equal, is answered instead of its object. */
export function packed(frame: Frame, spans: readonly Span[], limits: WarmLimits): (Packed | Poisoned)[] {
  const bytes = encoded(frame)
  const [only] = spans
  if (bytes instanceof Error) {
    if (only === undefined || spans.length > 1) return halves(frame, spans, limits)
    return [new Poisoned(only.runId, bytes.message)]
  }
  if (bytes.length > limits.objectBytes && spans.length > 1) return halves(frame, spans, limits)
  limits.ratio = (limits.ratio + bytes.length / arrowBytes(frame)) / 2
  return [{ frame, spans, bytes }]
}

/** Of Arrow: about twice that once encoded. */
const GROUP_BYTES = 256 * 1024
const GROUP_ROWS = 1_000

function encoded(frame: Frame): Uint8Array<ArrayBuffer> | Error {
  try {
    const fitting = Math.floor((frame.rows * GROUP_BYTES) / arrowBytes(frame))
    const maxRows = Math.max(1, Math.min(GROUP_ROWS, fitting))
    const bytes = new Uint8Array(encodeParquet(historyColumns, frame, { maxRows }))
    const found = differsFromDecoded(frame, bytes, maxRows)
    return found === null ? bytes : new Error(`what was encoded decodes to something else: ${found}`)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Row groups that are decoded at once: decoding takes several times what comes out of it. */
const DECODED_GROUPS = 4

/** What the bytes decode to that is not in the frame, or null when they decode to the frame. */
function differsFromDecoded(frame: Frame, bytes: Uint8Array, groupRows: number): string | null {
  const groups = Array.from({ length: Math.ceil(frame.rows / groupRows) }, (_, group) => group)
  let from = 0
  while (groups.length > 0) {
    const rowGroups = groups.splice(0, DECODED_GROUPS)
    const rows = rowGroups.length * groupRows
    const decoded = decodeParquet(historyColumns, bytes, { rowGroups, rows })
    const found = differenceFrom(historyColumns, { frame, from }, decoded)
    from += decoded.rows
    release(decoded)
    if (found !== null) return found
  }
  return from === frame.rows ? null : `${from} rows instead of ${frame.rows}`
}

function halves(frame: Frame, spans: readonly Span[], limits: WarmLimits): (Packed | Poisoned)[] {
  let rows = 0
  const middle = spans.findIndex((span) => (rows += span.rows) >= frame.rows / 2)
  const cut = Math.max(1, Math.min(middle, spans.length - 1))
  const at = spans.slice(0, cut).reduce((sum, span) => sum + span.rows, 0)
  return [
    ...packed(slice(frame, 0, at), spans.slice(0, cut), limits),
    ...packed(slice(frame, at, frame.rows), spans.slice(cut), limits),
  ]
}

function slice(frame: Frame, from: number, to: number): Frame {
  const builder = new FrameBuilder(historyColumns)
  builder.copy(frame, from, to)
  return builder.take()
}
