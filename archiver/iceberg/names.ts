/**
 * What the objects are called that this project writes below a table's location.
 *
 * N1 Every one's file name begins with `perdure-`, which no other engine's does, and nothing else is ever swept. So a
 *    writer of files takes their locations from here.
 * N2 Metadata files are the catalog's to name. Those of the embedded catalog, `00007-<uuid>.metadata.json`, can be swept
 *    where it is the one that keeps the table; its pointer never is.
 */

export function manifestLocation(table: string, unique: string): string {
  return `${table}/metadata/${OWN}manifest-${unique}.avro`
}

/** `unique` is of this attempt alone: another attempt of the same snapshot has another list. */
export function manifestListLocation(table: string, snapshotId: bigint, unique: string): string {
  return `${table}/metadata/${OWN}snap-${snapshotId}-${unique}.avro`
}

/** A data file of a batch, or of a compaction: `name` is unique to its content. `day` is in days since 1970-01-01. */
export function dataLocation(table: string, day: number, name: string): string {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
  return `${table}/data/closed_at_day=${date}/${OWN}${name}.parquet`
}

/** Whether this project wrote the object of that key or location, by its name. */
export function isOwn(location: string): boolean {
  const file = location.slice(location.lastIndexOf('/') + 1)
  return file.startsWith(OWN) && (file.endsWith('.avro') || file.endsWith('.parquet'))
}

/** Whether the embedded catalog wrote it; other catalogs name theirs alike. */
export function isMetadataFile(location: string): boolean {
  return /\/metadata\/\d+-[0-9a-f-]{36}\.metadata\.json$/.test(location)
}

/** A location as a prefix of others. By hand: an expression that looks for slashes at the end is tried from each slash. */
export function withoutSlash(location: string): string {
  let end = location.length
  while (location[end - 1] === '/') end -= 1
  return location.slice(0, end)
}

const OWN = 'perdure-'
