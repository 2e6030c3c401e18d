/** Warm objects and segments without some of their runs, as new objects beside the old ones. */
import type { ConfirmPurgeRequest, SegmentRow, WarmLocator, WarmObject } from '../shared/archive.ts'
import { FrameBuilder } from './build.ts'
import { historyColumns } from './columns.ts'
import { ArchiveError } from './error.ts'
import { longsOf, stringsOf, textAt, type Frame } from './frame.ts'
import { deleteLeftovers, fetchVerified, putVerified, sha256Of } from './objects.ts'
import { packed, type Span, type WarmLimits } from './pack.ts'
import { decodeParquet } from './parquet.ts'
import { putWarm } from './place.ts'
import { Poisoned } from './rows.ts'

export interface Rewriter {
  readonly bucket: R2Bucket
  readonly fence: number
  readonly limits: WarmLimits
}

type StoredKey = { object: string; etag: string }

/** What `confirmPurge` needs to know of the warm objects that held a run of `without`. */
export async function rewriteWarm(
  rewriter: Rewriter,
  objects: readonly StoredKey[],
  without: ReadonlySet<string>,
): Promise<Pick<ConfirmPurgeRequest, 'objects' | 'locators'>> {
  const rewritten: ConfirmPurgeRequest['objects'] = []
  const locators = new Map<string, WarmLocator>()
  for (const { object, etag } of objects) {
    const stored = await fetchVerified(rewriter.bucket, object, etag)
    const left = remaining(decodeParquet(historyColumns, stored.bytes), without)
    const key = await renewed(rewriter, { object, etag })
    if (left.spans.length === 0) {
      rewritten.push({ was: object, is: null })
      continue
    }
    const placed = await place(rewriter, { key, metadata: stored.metadata }, left)
    rewritten.push({ was: object, is: placed.object })
    for (const { runId, piece } of placed.pieces) locators.set(runId, [piece])
  }
  return { objects: rewritten, locators: Array.from(locators, ([runId, locator]) => ({ runId, locator })) }
}

export async function rewriteSegments(
  rewriter: Rewriter,
  segments: readonly StoredKey[],
  without: ReadonlySet<string>,
): Promise<ConfirmPurgeRequest['segments']> {
  const rewritten: ConfirmPurgeRequest['segments'] = []
  for (const { object, etag } of segments) {
    const stored = await fetchVerified(rewriter.bucket, object, etag)
    const rows = JSON.parse(new TextDecoder().decode(stored.bytes)) as SegmentRow[] // as the pass wrote them
    const left = rows.filter(({ runId }) => !without.has(runId))
    const key = await renewed(rewriter, { object, etag })
    if (left.length === 0) {
      rewritten.push({ was: object, is: null })
      continue
    }
    const bytes = new TextEncoder().encode(JSON.stringify(left))
    const metadata = { rows: String(left.length) }
    const put = await putVerified(rewriter.bucket, key, { bytes, contentType: 'application/json', metadata })
    rewritten.push({ was: object, is: { object: key, etag: put.etag, bytes: bytes.length } })
  }
  return rewritten
}

async function place(
  rewriter: Rewriter,
  to: { key: string; metadata: Readonly<Record<string, string>> },
  { frame, spans }: { frame: Frame; spans: readonly Span[] },
): Promise<{ object: WarmObject; pieces: readonly { runId: string; piece: WarmLocator[number] }[] }> {
  // It was one object, and it has fewer rows now: it is one again.
  const [only] = packed(frame, spans, { ...rewriter.limits, objectBytes: Infinity })
  if (only === undefined || only instanceof Poisoned) {
    throw new ArchiveError('object_corrupt', to.key, `it cannot be written: ${only?.message}`)
  }
  const names = ['shard', 'number', 'fence', 'index', 'last']
  const identity = Object.fromEntries(names.map((name) => [name, Number(to.metadata[name])]))
  return await putWarm(rewriter.bucket, { key: to.key, identity }, only)
}

/**
 * A key of the same batch or segment, made of what is rewritten, and of the pass. What earlier passes wrote instead of the
 * same object, and were killed before they could confirm, goes: it may hold a run that has been deleted since.
 */
async function renewed({ bucket, fence }: Rewriter, { object, etag }: StoredKey): Promise<string> {
  const [, folder, number, extension] = /^(.*\/)(\d+)-[^/]*(\.\w+)$/.exec(object) ?? []
  const content = new TextEncoder().encode(JSON.stringify([object, etag]))
  const prefix = `${folder}${number}-${await sha256Of(content)}-`
  await deleteLeftovers(bucket, prefix, fence)
  return `${prefix}${fence}${extension}`
}

/** The rows of the runs that are left, and how they lie one after the other. */
export function remaining(
  frame: Frame,
  without: ReadonlySet<string> = new Set(),
): { frame: Frame; spans: Span[] } {
  const builder = new FrameBuilder(historyColumns)
  const spans: Span[] = []
  const runIds = stringsOf(frame, 'run_id')
  let from = 0
  while (from < frame.rows) {
    const runId = textAt(runIds, from) ?? ''
    let to = from + 1
    while (to < frame.rows && textAt(runIds, to) === runId) to++
    if (!without.has(runId)) {
      builder.copy(frame, from, to)
      spans.push(spanOf(frame, from, to))
    }
    from = to
  }
  return { frame: builder.take(), spans }
}

function spanOf(frame: Frame, from: number, to: number): Span {
  return {
    workflowId: textAt(stringsOf(frame, 'workflow_id'), from) ?? '',
    runId: textAt(stringsOf(frame, 'run_id'), from) ?? '',
    closedAt: Number((longsOf(frame, 'closed_at')[from] ?? 0n) / 1000n),
    rows: to - from,
  }
}
