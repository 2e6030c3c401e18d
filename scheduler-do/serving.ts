/** A shard's object: what wakes it, and how requests are answered by it. */
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import type { Reply, ShardAddress } from '../shared/protocol.ts'
import { admitAddress, ownShardCount } from './address.ts'
import { deferAlarm } from './alarm.ts'
import { annotate } from './annotate.ts'
import type { SchedulerConfig } from './config.ts'
import { recover } from './recover.ts'
import { refusalOf, versionRefusal } from './refuse.ts'
import type { ObjectState } from './runtime.ts'
import { Shard } from './shard.ts'
import { checked } from './shapes.ts'
import type { Shape } from './shapes.ts'
import { readFact } from './store/meta.ts'
import { migrateStore } from './store/migrate.ts'
import { Sql } from './store/sql.ts'
import { ring } from './tick.ts'

export class Serving {
  readonly #ctx: ObjectState
  readonly #config: SchedulerConfig
  #awake: Shard | undefined
  /** Why nothing is served: the code is older than the schema can bear. */
  #unfit: WorkflowError | undefined

  constructor(ctx: ObjectState, config: SchedulerConfig) {
    this.#ctx = ctx
    this.#config = config
    void ctx.blockConcurrencyWhile(async () => {
      try {
        await this.#begin()
      } catch (error) {
        await this.#deferAlarm(error)
        throw error
      }
    })
  }

  get shard(): Shard {
    if (this.#unfit) throw this.#unfit
    if (!this.#awake) throw new WorkflowError('internal', 'the shard is not awake')
    return this.#awake
  }

  async wake(): Promise<void> {
    const shard = new Shard(this.#ctx, this.#config)
    this.#awake = shard
    await shard.alarm.recall()
    recover(shard)
    // A request may be what wakes: an object lost within its alarm has left only the fallback armed.
    shard.alarm.arm()
    void shard.watchdog.pass()
  }

  /** It never changes: code that can serve nothing else tells it all the same, so that callers hear why from the others. */
  shardCount(namespace: string): number {
    if (!this.#unfit) return ownShardCount(this.shard, namespace)
    const address = readFact(new Sql(this.#ctx.storage.sql), 'address')
    if (!address) throw this.#unfit
    return address.shards
  }

  async ring(): Promise<void> {
    if (this.#unfit) await this.#deferAlarm(this.#unfit)
    else await ring(this.shard)
  }

  /** The request is checked here, where everybody comes by; after that it is trusted. */
  async serve<R extends { to: ShardAddress; v?: number }, T>(
    shape: Shape<R>,
    given: R,
    verb: (shard: Shard, request: R) => Promise<Reply<T>> | Reply<T>,
  ): Promise<Reply<T>> {
    try {
      const foreign = versionRefusal(given)
      if (foreign) return foreign
      const request = checked(shape, given)
      this.shard.admission.asked()
      const reply = (await admitAddress(this.shard, request.to)) ?? (await verb(this.shard, request))
      annotate(this.#config.runtime.tracing, request, reply)
      return reply
    } catch (error) {
      return refusalOf(error)
    }
  }

  /** The lease is kept by an object that is no shard. */
  serveLease<R extends { namespace: string; v?: number }, T>(
    shape: Shape<R>,
    given: R,
    act: (shard: Shard, request: R) => Reply<T>,
  ): Reply<T> {
    try {
      const foreign = versionRefusal(given)
      if (foreign) return foreign
      if (!this.shard.knownAddress) return act(this.shard, checked(shape, given))
      throw invalid('namespace', 'of the object that keeps the lease', this.shard.address.namespace)
    } catch (error) {
      return refusalOf(error)
    }
  }

  requireHooks(): void {
    if (this.shard.config.debugHooks) return
    throw new WorkflowError('forbidden', 'debug hooks answer only where the variable DEBUG_HOOKS is set')
  }

  async debugged(to: ShardAddress): Promise<Shard> {
    this.requireHooks()
    await admitAddress(this.shard, to)
    return this.shard
  }

  async #begin(): Promise<void> {
    try {
      await migrateStore(this.#ctx.storage, this.#config.runtime.migrations)
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error
      this.#unfit = error
      return
    }
    await this.wake()
  }

  async #deferAlarm(error: unknown): Promise<void> {
    await deferAlarm(this.#ctx.storage, this.#config.runtime.time.now(), error)
  }
}
