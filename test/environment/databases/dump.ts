/** The databases of a platform as text, and back. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Disk } from '../../../testing/simulated/storage.ts'

/** Beside the databases of a release: when they were frozen, and what alarms were armed, epoch ms. */
interface Frozen {
  readonly at: number
  readonly alarms: Readonly<Record<string, number | null>>
}

export interface FrozenDisks {
  readonly at: number
  readonly disks: ReadonlyMap<string, Disk>
}

export function freeze(folder: string, at: number, disks: ReadonlyMap<string, Disk>): void {
  mkdirSync(folder, { recursive: true })
  const alarms = Object.fromEntries([...disks].map(([name, { alarmAt }]) => [name, alarmAt]))
  writeFileSync(join(folder, FACTS), `${JSON.stringify({ at, alarms } satisfies Frozen, null, 2)}\n`)
  for (const [name, disk] of disks) writeFileSync(join(folder, fileOf(name)), dump(disk.database))
}

export function thaw(folder: string): FrozenDisks {
  const { at, alarms } = JSON.parse(readFileSync(join(folder, FACTS), 'utf8')) as Frozen // written above
  const disks = new Map<string, Disk>()
  for (const [name, alarmAt] of Object.entries(alarms)) {
    const database = new DatabaseSync(':memory:')
    database.exec(readFileSync(join(folder, fileOf(name)), 'utf8'))
    const disk = new Disk(database)
    disk.alarmAt = alarmAt
    disks.set(name, disk)
  }
  return { at, disks }
}

/** The folders of all releases, oldest first. */
export function releases(root: string): string[] {
  return readdirSync(root).toSorted()
}

const FACTS = 'frozen.json'

function fileOf(name: string): string {
  return `${name.replaceAll('/', '-')}.sql`
}

function dump(database: DatabaseSync): string {
  const schema = database.prepare(
    `SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type = 'view', type DESC, name`,
  )
  const lines: string[] = []
  for (const { name, type, sql } of schema.all()) {
    lines.push(`${String(sql)};`)
    if (type === 'table') lines.push(...rowsOf(database, String(name)))
  }
  return `${lines.join('\n')}\n`
}

function rowsOf(database: DatabaseSync, table: string): string[] {
  const names = database.prepare(`SELECT name FROM pragma_table_info(?)`).all(table)
  const columns = names.map(({ name }) => `"${String(name)}"`)
  const values = columns.map((column) => `quote(${column})`).join(` || ', ' || `)
  const rows = database.prepare(`SELECT ${values} AS row FROM "${table}"`).all()
  return rows.map(({ row }) => `INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${String(row)});`)
}
