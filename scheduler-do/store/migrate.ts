/** Brings an object's database to the schema of this release. Drizzle applies what the journal lists, once, in order. */
import { drizzle } from 'drizzle-orm/durable-sqlite'
import { migrate } from 'drizzle-orm/durable-sqlite/migrator'
import migrations from '../../migrations/migrations.js'

export async function migrateStore(storage: DurableObjectStorage): Promise<void> {
  await migrate(drizzle(storage), migrations)
}
