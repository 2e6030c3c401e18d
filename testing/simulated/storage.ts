/** The storage of a Durable Object over node:sqlite. The disk outlives the object in memory. */
import type { DatabaseSync, StatementSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { ObjectStorage } from '../../scheduler-do/runtime.ts'

export class Disk {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Epoch ms; null while none is set. */
  alarmAt: number | null = null
  /** How often SQLite has undone a transaction by itself. */
  undone = 0
  /** Those that are open. */
  savepoints = 0

  constructor(database: DatabaseSync) {
    this.database = database
  }

  statement(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known) return known
    const statement = this.database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}

export interface StorageWorld {
  readonly disk: Disk
  /** False once the object is lost: nothing of it may reach the disk any more. */
  alive(): boolean
  /** Something is about to be read or written: all that one macrotask writes is one write. */
  opens?(): void
  /** SQLite has undone what the macrotask wrote, as it does where the disk is full: the platform gives the object up. */
  undone?(): void
  /** Throws where the transaction is to fail, or a statement of a turn that is in none. */
  committing?(): void
  /** A transaction has been committed. */
  committed(): void
  alarmChanged(): void
  sync(): Promise<void>
}

export function storageOf(world: StorageWorld): ObjectStorage {
  const { disk } = world
  const setAlarm = async (at: number | null): Promise<void> => {
    if (!world.alive()) return await LOST
    world.opens?.()
    disk.alarmAt = at
    world.alarmChanged()
  }
  return {
    sql: sqlOf(disk, {
      opens: (text) => {
        checkAlive(world.alive())
        world.opens?.()
        if (disk.savepoints === 0 && text.includes(' OR FAIL ')) world.committing?.()
      },
      failed: () => undo(world),
    }),
    transactionSync: (closure) => transaction(world, closure),
    sync: async () => {
      await world.sync()
      if (!world.alive()) await LOST
    },
    getAlarm: async () => disk.alarmAt,
    setAlarm: (at) => setAlarm(Number(at)),
    deleteAlarm: () => setAlarm(null),
  }
}

/** What waits for the storage of a lost object waits for ever. */
const LOST = new Promise<never>(() => {})

function checkAlive(alive: boolean): void {
  if (!alive) throw new Error('the object was lost')
}

function transaction<T>(world: StorageWorld, closure: () => T): T {
  checkAlive(world.alive())
  world.opens?.()
  const { database } = world.disk
  const { undone } = world.disk
  database.exec('SAVEPOINT turn')
  world.disk.savepoints += 1
  let result: T
  try {
    result = closure()
    world.committing?.()
  } catch (error) {
    if (world.disk.undone === undone) database.exec('ROLLBACK TO turn; RELEASE turn')
    throw error
  } finally {
    world.disk.savepoints -= 1
  }
  database.exec('RELEASE turn')
  world.committed()
  return result
}

/** After a statement that failed: whatever is written after a transaction that SQLite has undone must not stay either. */
function undo(world: StorageWorld): void {
  const { disk } = world
  if (disk.database.isTransaction) return
  disk.undone += 1
  if (world.undone) disk.database.exec('BEGIN')
  world.undone?.()
}

type Value = SqlStorageValue
type Row = Record<string, Value>

const WITHOUT_WORLD = { opens: (_text: string) => {}, failed: () => {} }

export function sqlOf(disk: Disk, { opens, failed } = WITHOUT_WORLD): ObjectStorage['sql'] {
  return {
    exec<T extends Row>(text: string, ...bindings: unknown[]): SqlStorageCursor<T> {
      opens(text)
      try {
        return executed<T>(disk.statement(text), boundTo(text, bindings.map(inputOf)))
      } catch (error) {
        failed()
        throw error
      }
    },
    get databaseSize() {
      const pages = disk.statement('PRAGMA page_count').get()?.['page_count']
      const size = disk.statement('PRAGMA page_size').get()?.['page_size']
      return Number(pages) * Number(size)
    },
  }
}

type Bound = [named: Record<string, SQLInputValue>, ...placed: SQLInputValue[]]

/** Parameters with numbers have names to Node, and only late releases of 22 bind them by their places. */
function boundTo(text: string, values: SQLInputValue[]): Bound {
  if (!text.includes('?1')) return [{}, ...values]
  return [Object.fromEntries(values.map((value, index) => [`?${index + 1}`, value]))]
}

function executed<T extends Row>(statement: StatementSync, values: Bound): SqlStorageCursor<T> {
  const columns = statement.columns().map(({ name }) => name)
  if (columns.length === 0)
    return cursorOf<T>({ columns, rows: [], written: Number(statement.run(...values).changes) })
  const rows = statement.all(...values).map((row) => rowOf(row) as T) // as the caller names its columns
  return cursorOf<T>({ columns, rows, written: 0 })
}

function inputOf(value: unknown): SQLInputValue {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : (value as SQLInputValue) // what the platform takes too
}

function rowOf(row: Record<string, SQLOutputValue>): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, outputOf(value)]))
}

function outputOf(value: SQLOutputValue): Value {
  if (value instanceof Uint8Array) return value.slice().buffer
  return typeof value === 'bigint' ? Number(value) : value
}

/** Rows are read at once. Of those written, the ones of indexes are not counted. */
function cursorOf<T extends Row>(result: {
  columns: string[]
  rows: T[]
  written: number
}): SqlStorageCursor<T> {
  const rest = result.rows.values()
  return {
    columnNames: result.columns,
    rowsRead: result.rows.length,
    rowsWritten: result.written,
    next: () => {
      const { done, value } = rest.next()
      return done === true ? { done, value: undefined } : { value }
    },
    toArray: () => [...rest],
    one: () => {
      const [row, ...more] = rest
      if (!row || more.length > 0) throw new Error('Expected exactly one result from SQL query')
      return row
    },
    raw: <U extends Value[]>() => [...rest].map((row) => Object.values(row) as U).values(), // as the caller has it
    [Symbol.iterator]: () => rest,
  }
}
