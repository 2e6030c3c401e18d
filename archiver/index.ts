/**
 * `perdure/archiver`: the cron Worker that moves closed runs out of the shards into the customer's bucket, and reads
 * them back.
 *
 * ```ts
 * const archiver = defineArchiver()
 * export class ArchiveService extends archiver.ArchiveService {}
 * export default archiver.handler
 * ```
 *
 * @module perdure/archiver
 */
import type { WorkerEntrypoint } from 'cloudflare:workers'
import type { ArchiveReader } from '../shared/archive-reader.ts'
import type { ArchiverEnv } from './config.ts'
import { answer } from './http.ts'
import { optionsOf, type ArchiverOptions } from './options.ts'
import { passed } from './passing.ts'
import { Reader } from './service.ts'

export type { ArchiverEnv } from './config.ts'
export type { ArchiverOptions } from './options.ts'

/** What the entry module of an archiver Worker exports. */
export interface Archiver {
  /** The default export. */
  readonly handler: {
    /** One pass: what has closed moves on, as the retention says. */
    scheduled(controller: ScheduledController, env: ArchiverEnv, ctx: ExecutionContext): Promise<void>
    /**
     * Where API_TOKEN is set: serves the embedded catalog to Iceberg engines, lists the runs that it lacks, and makes a pass
     * at once when that is asked for (`POST /archive/pass`).
     */
    fetch(request: Request, env: ArchiverEnv, ctx: ExecutionContext): Promise<Response>
  }
  /** RPC entrypoint through which the scheduler reads archived runs. */
  readonly ArchiveService: {
    /** For the platform. */
    new (ctx: ExecutionContext, env: ArchiverEnv): WorkerEntrypoint<ArchiverEnv> & ArchiveReader
  }
}

/** The archiver Worker: `defineArchiver({ passBudget: '40s' })`. Throws `invalid_argument` with the option's `path`. */
export function defineArchiver(options: ArchiverOptions = {}): Archiver {
  const settings = optionsOf(options)
  return {
    // Own properties: wrangler's bundle drops the methods of a prototype.
    handler: {
      scheduled: async (_controller, env) => void (await passed(env, settings)),
      fetch: (request, env) => answer(request, env, settings),
    },
    ArchiveService: class extends Reader {
      constructor(ctx: ExecutionContext, env: ArchiverEnv) {
        super(ctx, env, settings)
      }
    },
  }
}
