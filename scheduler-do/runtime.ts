/** What the edge lends to all that runs in the scheduler: the platform's here, the simulated one's in a test environment. */
import type migrations from '../migrations/migrations.js'
import type { World } from '../shared/replay/coroutine.ts'
import type { Host } from '../shared/chance.ts'
import type { Time } from '../shared/time.ts'
import type { Tracing } from '../shared/tracing.ts'

export interface Runtime extends Host {
  /** Where workflow code runs. */
  readonly world: World
  /** In which callers wait who hold a request open. They are outside: in a test environment it is real all the same. */
  readonly callerTime: Time
  /** Resolves when the requests that the platform holds for the object have reached it. */
  readonly letIn: () => Promise<void>
  /** Whether an object that is given up leaves nothing of what it has written since its last await. */
  readonly abortUndoes: boolean
  readonly migrations: typeof migrations
  /** At once, as a turn needs it: `crypto.subtle` would be IO. */
  readonly sha256: (content: Uint8Array) => string
  /** Absent: nothing makes spans. */
  readonly tracing?: Tracing
  /** Where the keys of Cloudflare Access come from. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

/** The storage of an object, as far as it is used. */
export interface ObjectStorage extends Pick<
  DurableObjectStorage,
  'getAlarm' | 'setAlarm' | 'deleteAlarm' | 'sync' | 'transactionSync'
> {
  readonly sql: Pick<SqlStorage, 'exec' | 'databaseSize'>
}

export interface ObjectState {
  readonly storage: ObjectStorage
  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>
  /** The object is lost, and made anew by the next request. */
  abort(reason: string): void
}
