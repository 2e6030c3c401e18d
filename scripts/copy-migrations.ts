import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'

const from = 'migrations'
const shipped = /^migrations$|migrations\.js$|\.sql$|meta$|_journal\.json$/

/** The package carries what the scheduler loads at run time; drizzle-kit's snapshots stay behind. */
if (existsSync(from)) {
  cpSync(from, join('dist', from), { recursive: true, filter: (path) => shipped.test(path) })
}
