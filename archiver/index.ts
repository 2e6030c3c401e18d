/**
 * `perdure/archiver`: the cron Worker that moves closed runs out of the shards, and reads them back.
 *
 * const archiver = defineArchiver()
 * export class ArchiveService extends archiver.ArchiveService {}
 * export default archiver.handler
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { toMs, type Duration } from '../shared/duration.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { ArchiveReader } from '../shared/archive.ts'
import { runPass, type ArchiveSource } from './pass.ts'
import { defaultLimits } from './plan.ts'
import { readRun } from './warm.ts'

export interface ArchiverOptions {
  /** How long one pass may begin new batches; 20 s by default. */
  passBudget?: Duration
  /** Compressed size of a warm object, 262,144 by default: a lookup fetches a whole one. */
  warmObjectBytes?: number
}

export interface ArchiverEnv {
  ARCHIVE?: R2Bucket
  WORKFLOWS?: ArchiveSource
  /** The namespaces to archive, separated by commas; `default` when absent. */
  NAMESPACES?: string
}

export interface Archiver {
  /** The cron handler. Its HTTP side answers 404. */
  readonly handler: {
    scheduled(controller: ScheduledController, env: ArchiverEnv, ctx: ExecutionContext): Promise<void>
    fetch(request: Request, env: ArchiverEnv, ctx: ExecutionContext): Promise<Response>
  }
  /** RPC entrypoint through which the scheduler reads archived runs. */
  readonly ArchiveService: new (
    ctx: ExecutionContext,
    env: ArchiverEnv,
  ) => WorkerEntrypoint<ArchiverEnv> & ArchiveReader
}

/** The archiver Worker: `defineArchiver({ passBudget: '40s' })`. */
export function defineArchiver(options: ArchiverOptions = {}): Archiver {
  const budgetMs = toMs(options.passBudget ?? '20s', 'passBudget')
  const limits = { ...defaultLimits, objectBytes: objectBytesOf(options) }
  return {
    // Own properties: wrangler's bundle drops the methods of a prototype.
    handler: {
      scheduled: async (_controller, env) => {
        await runPass({
          bucket: required(env.ARCHIVE, 'ARCHIVE'),
          source: required(env.WORKFLOWS, 'WORKFLOWS'),
          namespaces: namespacesOf(env),
          limits,
          budgetMs,
          now: () => Date.now(),
          log: (line) => console.log(line),
        })
      },
      fetch: () => Promise.resolve(Response.json({ error: { code: 'not_found' } }, { status: 404 })),
    },
    ArchiveService,
  }
}

class ArchiveService extends WorkerEntrypoint<ArchiverEnv> implements ArchiveReader {
  async readRun(request: Parameters<ArchiveReader['readRun']>[0]): Promise<Uint8Array> {
    return await readRun(required(this.env.ARCHIVE, 'ARCHIVE'), request)
  }
}

function objectBytesOf({ warmObjectBytes = defaultLimits.objectBytes }: ArchiverOptions): number {
  if (Number.isSafeInteger(warmObjectBytes) && warmObjectBytes > 0) return warmObjectBytes
  const message = `warmObjectBytes must be a positive whole number of bytes, not ${warmObjectBytes}`
  throw new WorkflowError('invalid_argument', message, { path: 'warmObjectBytes' })
}

function namespacesOf({ NAMESPACES = 'default' }: ArchiverEnv): string[] {
  return NAMESPACES.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

const BINDINGS = {
  ARCHIVE: `[[r2_buckets]]
binding = "ARCHIVE"
bucket_name = "perdure-archive"`,
  WORKFLOWS: `[[services]]
binding = "WORKFLOWS"
service = "perdure-scheduler"
entrypoint = "WorkflowService"`,
}

function required<T>(binding: T | undefined, name: keyof typeof BINDINGS): T {
  if (binding !== undefined) return binding
  const lines = `the archiver has no ${name} binding; add to its wrangler.toml:\n\n${BINDINGS[name]}`
  throw new WorkflowError('not_configured', lines, { path: name })
}
