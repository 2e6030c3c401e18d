/** The scheduler Worker over HTTP on the simulated platform, as somebody outside meets it. */
import { createHash } from 'node:crypto'
import type { AuthOptions } from '../../scheduler-do/auth.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import { site } from '../../scheduler-do/http/app.ts'
import type { Runtime } from '../../scheduler-do/runtime.ts'
import { realChance } from '../../shared/chance.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import { MockableActivities } from '../../testing/activities.ts'
import { outsideTime, world } from '../../testing/platform.ts'
import { migrations } from '../../testing/simulated/migrations.ts'
import { simulatedPlatform } from '../../testing/simulated/platform.ts'
import type { SimulatedPlatform } from '../../testing/simulated/platform.ts'

export interface ServedOptions {
  readonly auth?: AuthOptions
  readonly env?: Readonly<Record<string, unknown>>
  readonly workflows?: readonly AnyWorkflow[]
  readonly fetch?: Runtime['fetch']
  readonly time?: Partial<Runtime['time']>
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>

export interface Served {
  readonly platform: SimulatedPlatform
  readonly ask: Ask
}

export const ORIGIN = 'https://scheduler.example'

export async function served(options: ServedOptions = {}): Promise<Served> {
  const platform = await simulatedPlatform({
    workflows: options.workflows ?? [],
    activities: new MockableActivities([]),
    taskQueues: undefined,
    shards: 2,
    startAt: Date.now(),
    graceMs: 100,
  })
  return { platform, ask: await servedOn(platform, options) }
}

/** The Worker before the objects of a platform. */
export async function servedOn(platform: SimulatedPlatform, options: ServedOptions = {}): Promise<Ask> {
  const { auth = {}, workflows = [] } = options
  const runtime: Runtime = {
    world,
    chance: realChance,
    time: { ...outsideTime, now: () => Date.now(), ...options.time }, // as the test sets it
    callerTime: outsideTime,
    letIn: () => Promise.resolve(),
    abortUndoes: false,
    migrations: await migrations(),
    sha256: (content) => createHash('sha256').update(content).digest('hex'),
    fetch: options.fetch ?? (() => Promise.reject(new Error('nobody asked for this'))),
  }
  const env = { SCHEDULER: platform.namespace(null), ARCHIVE: platform.bucket, ...options.env }
  const taskQueues = { pulled: { pull: true } } as const
  const config = once(() => readConfig({ workflows, taskQueues, cdc: false, shards: 2, auth }, env, runtime))
  return async (path, init = {}) =>
    await site.fetch(new Request(`${ORIGIN}${path}`, init), { configured: config })
}

/** As an isolate has it. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
