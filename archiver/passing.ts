/** A pass with what the Worker is bound to: on its cron, or because somebody asked for it. */
import { bucketOf, coldTierOf, namespacesOf, sourceOf, type ArchiverEnv } from './config.ts'
import { writeFigures } from './metrics.ts'
import type { Settings } from './options.ts'
import { runPass } from './pass.ts'
import type { PassSummary } from './phases/context.ts'

export async function passed(env: ArchiverEnv, settings: Settings): Promise<PassSummary> {
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
  return summary
}
