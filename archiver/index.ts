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
import type { ArchiveReader } from '../shared/archive.ts'
import { bucketOf, coldTierOf, namespacesOf, sourceOf, type ArchiverEnv } from './config.ts'
import { answer } from './http.ts'
import { writeFigures } from './metrics.ts'
import { optionsOf, type ArchiverOptions } from './options.ts'
import { runPass } from './pass.ts'
import { Reader } from './service.ts'

export type { ArchiverEnv } from './config.ts'
export type { ArchiverOptions } from './options.ts'

/** What the entry module of an archiver Worker exports. */
export interface Archiver {
  /** The default export. */
  readonly handler: {
    /** One pass: what has closed moves on, as the retention says. */
    scheduled(controller: ScheduledController, env: ArchiverEnv, ctx: ExecutionContext): Promise<void>
    /** Serves the embedded catalog to Iceberg engines, and lists the runs that it lacks, where API_TOKEN is set. */
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
      scheduled: async (_controller, env) => {
        const namespaces = namespacesOf(env)
        const summary = await runPass({
          bucket: bucketOf(env),
          source: sourceOf(env),
          namespaces,
          limits: settings.limits,
          cold: coldTierOf(env, settings.coldFileBytes),
          budgetMs: settings.budgetMs,
          now: () => Date.now(),
          newId: () => crypto.randomUUID(),
          log: (line) => console.log(line),
        })
        if (env.METRICS !== undefined) writeFigures(env.METRICS, namespaces, summary)
      },
      fetch: (request, env) => answer(request, env),
    },
    ArchiveService: class extends Reader {
      constructor(ctx: ExecutionContext, env: ArchiverEnv) {
        super(ctx, env, settings.coldFileBytes)
      }
    },
  }
}
