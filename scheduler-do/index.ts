/**
 * `perdure/scheduler`: the Worker that owns workflow state and runs workflow code.
 *
 * ```ts
 * const scheduler = defineScheduler({ workflows })
 * export class Scheduler extends scheduler.Scheduler {}
 * export class WorkflowService extends scheduler.WorkflowService {}
 * export default scheduler.handler
 * ```
 *
 * @module perdure/scheduler
 */
import { runtime } from './platform.ts'
import type { SearchAttributeType } from './attributes.ts'
import { readConfig } from './config.ts'
import type { Env, SchedulerConfig, SchedulerOptions, TaskQueueConfig } from './config.ts'
import { site } from './http/app.ts'
import { hostedObject, hostedService } from './hosted.ts'
import type { HostedObject, HostedService } from './hosted.ts'
import type { RetentionOptions, RetentionRules } from './retention.ts'
import type { Ramp } from './versions.ts'

export type { Ramp, RetentionOptions, RetentionRules, SchedulerOptions, SearchAttributeType, TaskQueueConfig }

/** What the entry module of a scheduler Worker exports. */
export interface SchedulerParts {
  /** The Durable Object class of a shard. Extend it, do not assign it: `wrangler types` needs a class. */
  readonly Scheduler: HostedObject
  /** The entrypoint that service bindings name. */
  readonly WorkflowService: HostedService
  /** The default export. */
  readonly handler: {
    /** Says that the Worker is there, or what its environment lacks; what is for the archiver is passed on to it. */
    fetch(request: Request, env: Env): Promise<Response>
  }
}

/**
 * Assembles the scheduler Worker. What its environment lacks is reported at the first request, as `not_configured` with
 * the line to add; an option that is wrong as `invalid_argument` with its `path`.
 */
export function defineScheduler(options: SchedulerOptions): SchedulerParts {
  const configs = new WeakMap<Env, SchedulerConfig>()
  const configOf = (env: Env): SchedulerConfig => {
    const known = configs.get(env)
    if (known) return known
    const config = readConfig(options, env, runtime)
    configs.set(env, config)
    return config
  }
  return {
    Scheduler: hostedObject(configOf),
    WorkflowService: hostedService(configOf),
    handler: {
      fetch: async (request, env) => await site.fetch(request, { configured: () => configOf(env) }),
    },
  }
}
