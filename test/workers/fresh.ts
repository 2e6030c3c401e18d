/**
 * Comes before each test file in workerd. The files share an isolate, in which the product and its dependencies stay
 * loaded: loading them was most of a file's time. All that a test changes is made anew: what is stored, every object, and
 * the modules below test/, among them the Worker's entry, the registry and helpers that register workflows or hooks.
 */
import { listDurableObjectIds, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll } from 'vitest'
import { file } from './registry.ts'

interface LoadedModules {
  readonly idToModuleMap: ReadonlyMap<string, object>
  invalidateModule(module: object): void
}

/** Vitest's state in the isolate, which has no name that may be imported. */
interface Scope {
  readonly __vitest_worker__: { readonly evaluatedModules: LoadedModules }
}

const { SCHEDULER, ARCHIVE } = env as unknown as { SCHEDULER: DurableObjectNamespace; ARCHIVE: R2Bucket } // as bound in wrangler.toml
const { __vitest_worker__: worker } = globalThis as unknown as Scope // vitest sets it
const { evaluatedModules } = worker
const SELF = pathOf('fresh.ts')
const ENTRY = pathOf('entry.ts')
const TESTS = pathOf('../')

file.isOver = true // the one before: its modules are still loaded
await wakeAll()
await reset()
await entryLoaded()
forget((id) => id.startsWith(TESTS) && id !== SELF)

beforeAll(async () => {
  await entryLoaded()
  forget((id) => id === ENTRY) // whoever was late loaded it with half of this file's workflows
  await entryLoaded()
  await reset()
})

/** An alarm or a message that comes late loads it too: a module that is being loaded must not be forgotten. */
async function entryLoaded(): Promise<void> {
  await import('./entry.ts')
}

/** `reset` leaves out what sleeps: the platform lets go of an object, and of a bucket, that was idle for ten seconds. */
async function wakeAll(): Promise<void> {
  const ids = await listDurableObjectIds(SCHEDULER)
  await Promise.allSettled([...ids.map((id) => SCHEDULER.get(id).fetch('http://shard')), ARCHIVE.head('any')])
}

/** As modules are called by their ids. */
function pathOf(relative: string): string {
  return decodeURIComponent(new URL(relative, import.meta.url).pathname)
}

function forget(isForgotten: (id: string) => boolean): void {
  for (const [id, module] of evaluatedModules.idToModuleMap)
    if (isForgotten(id)) evaluatedModules.invalidateModule(module)
}
