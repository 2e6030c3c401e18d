/** The archiver as it is deployed, except that a pass begins when it is asked to and says what it did, and R2 is counted. */
import { WorkerEntrypoint } from 'cloudflare:workers'
import { tableNames, type ColdTier, type Table } from '../../../archiver/cold/tier.ts'
import { bucketOf, coldTierOf, sourceOf, type ArchiverEnv } from '../../../archiver/config.ts'
import { defineArchiver } from '../../../archiver/index.ts'
import { optionsOf } from '../../../archiver/options.ts'
import { wasmBytes } from '../../../archiver/parquet.ts'
import { runPass } from '../../../archiver/pass.ts'
import type { PassSummary } from '../../../archiver/phases/context.ts'
import type { PassFigures } from '../../archive/figures.ts'

const archiver = defineArchiver()
const settings = optionsOf({})

const calls = { gets: 0, puts: 0, heads: 0 }

export class ArchiveService extends archiver.ArchiveService {
  constructor(ctx: ExecutionContext, env: ArchiverEnv) {
    super(ctx, { ...env, ARCHIVE: counted(bucketOf(env)) })
  }
}

export class Bench extends WorkerEntrypoint<ArchiverEnv> {
  async pass(namespace: string): Promise<PassFigures> {
    const env = { ...this.env, ARCHIVE: counted(bucketOf(this.env)) }
    const cold = coldTierOf(env, settings.coldFileBytes)
    const before = await appends(cold)
    const callsBefore = { ...calls }
    const lines: Logged[] = []
    const startedAt = Date.now()
    const summary = await runPass({
      bucket: env.ARCHIVE,
      source: sourceOf(env),
      namespaces: [namespace],
      limits: settings.limits,
      cold,
      budgetMs: settings.budgetMs,
      now: () => Date.now(),
      newId: () => crypto.randomUUID(),
      log: (text) => lines.push({ at: Date.now(), ...(JSON.parse(text) as Line) }), // as the pass writes them
    })
    if (summary.failed > 0 || summary.rejectedRuns > 0) throw new Error(JSON.stringify(lines.slice(-5)))
    const ms = Date.now() - startedAt
    const { gets, puts, heads } = calls
    const r2 = {
      gets: gets - callsBefore.gets,
      puts: puts - callsBefore.puts,
      heads: heads - callsBefore.heads,
    }
    const after = await appends(cold)
    const commits = {
      history: after.history - before.history,
      executions: after.executions - before.executions,
    }
    return {
      ...phases(summary, lines, startedAt),
      commits,
      backlog: summary.backlog,
      ms,
      wasmBytes: wasmBytes(),
      r2,
    }
  }

  gets(): number {
    return calls.gets
  }
}

export default archiver.handler

interface Line {
  readonly event: string
  readonly files?: number
}

type Logged = Line & { readonly at: number }

/** Snapshots that added rows, by table. What compacts a table replaces files of it, and is none. */
async function appends({ catalog }: ColdTier): Promise<Record<Table, number>> {
  const count = async (table: Table): Promise<number> => {
    const loaded = await catalog.load(tableNames[table])
    return loaded?.metadata.snapshots.filter(({ summary }) => summary.operation === 'append').length ?? 0
  }
  return { history: await count('history'), executions: await count('executions') }
}

/** One phase after the other: the first ends with its last batch. */
function phases(
  summary: PassSummary,
  lines: readonly Logged[],
  startedAt: number,
): Pick<PassFigures, 'warm' | 'cold'> {
  const { rows, bytes, batches, cooledRows } = summary
  const warmedAt = lines.findLast(({ event }) => event === 'archive_batch')?.at ?? startedAt
  const cooled = lines.findLast(({ event }) => event === 'archive_cooled')
  return {
    warm: { rows, bytes, batches, ms: warmedAt - startedAt },
    cold: { rows: cooledRows, files: cooled?.files ?? 0, ms: (cooled?.at ?? warmedAt) - warmedAt },
  }
}

const COUNTED = { get: 'gets', put: 'puts', head: 'heads' } as const

function counted(bucket: R2Bucket): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name === 'get' || name === 'put' || name === 'head') calls[COUNTED[name]] += 1
      return value.bind(target)
    },
  })
}
