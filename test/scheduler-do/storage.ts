/** What a shard of the test Worker has stored, seen and changed from beside it. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { shardName } from '../../shared/protocol.ts'

type Row = Record<string, SqlStorageValue>

export function stubNamed(name: string): DurableObjectStub {
  const namespace = (env as { SCHEDULER: DurableObjectNamespace }).SCHEDULER // bound in test/workers/wrangler.toml
  return namespace.get(namespace.idFromName(name))
}

export const stubOf = (shard: number): DurableObjectStub => stubNamed(shardName('default', shard))

export function inStorage<T>(shard: number, use: (storage: DurableObjectStorage) => T): Promise<T> {
  return runInDurableObject(stubOf(shard), (_instance, { storage }) => use(storage))
}

export function rows(shard: number, statement: string, ...values: SqlStorageValue[]): Promise<Row[]> {
  return inStorage(shard, ({ sql }) => sql.exec(statement, ...values).toArray())
}

/** Ends the shard's object as a crash does: nothing that lived only in memory is left. */
export async function abort(shard: number): Promise<void> {
  const lost = runInDurableObject(stubOf(shard), (_instance, state) => state.abort('lost by the test'))
  await lost.catch(() => {})
}

/** As `abort`, of an object that finds its storage changed when it is back: it writes nothing more in between. */
export async function abortAfter(
  shard: number,
  change: (storage: DurableObjectStorage) => void | Promise<void>,
): Promise<void> {
  let isChanged = false
  const lost = runInDurableObject(stubOf(shard), (_instance, state) =>
    state.blockConcurrencyWhile(async () => {
      await change(state.storage)
      await state.storage.sync()
      isChanged = true
      state.abort('lost by the test')
    }),
  )
  await lost.catch((error: unknown) => {
    if (!isChanged) throw error
  })
}
