/** The ArchiveService entrypoint: archived runs, read for the scheduler out of whichever tier holds them. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import type { SegmentRow } from '../shared/archive.ts'
import type { ArchiveReader, ArchiveTable, RunPage, RunPageRequest } from '../shared/archive-reader.ts'
import { readCold, readColdEnds } from './cold/lookup.ts'
import { tablesOf } from './cold/overview.ts'
import type { ColdTier } from './cold/tier.ts'
import { bucketOf, coldTierOf, type ArchiverEnv } from './config.ts'
import { answer } from './http.ts'
import { readWarm, readWarmEnds } from './lookup.ts'
import { fetchVerified } from './objects.ts'
import type { Settings } from './options.ts'

export class Reader extends WorkerEntrypoint<ArchiverEnv> implements ArchiveReader {
  readonly #settings: Settings

  constructor(ctx: ExecutionContext, env: ArchiverEnv, settings: Settings) {
    super(ctx, env)
    this.#settings = settings
  }

  async readRun(request: RunPageRequest): Promise<RunPage> {
    const { warm, fromEvent, maxBytes } = request
    if (warm === undefined) return await readCold(this.#cold, request)
    return await readWarm(bucketOf(this.env), request, { pieces: warm, fromEvent, maxBytes })
  }

  async readEnds(request: Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>): Promise<RunPage> {
    const { warm } = request
    if (warm === undefined) return await readColdEnds(this.#cold, request)
    return await readWarmEnds(bucketOf(this.env), request, warm)
  }

  async readSegment({ object, etag }: { object: string; etag: string }): Promise<SegmentRow[]> {
    const { bytes } = await fetchVerified(bucketOf(this.env), object, etag)
    return JSON.parse(new TextDecoder().decode(bytes)) as SegmentRow[] // as the pass wrote them
  }

  async tables(): Promise<ArchiveTable[]> {
    return await tablesOf(this.#cold)
  }

  /** Iceberg engines, passed on by the scheduler Worker, which is the one that has an address in dev. */
  override async fetch(request: Request): Promise<Response> {
    return await answer(request, this.env, this.#settings)
  }

  get #cold(): ColdTier {
    return coldTierOf(this.env, this.#settings.coldFileBytes)
  }
}
