/** A database over the archive of a running deployment. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { workflowExecutions, workflowHistory } from '../../archiver/iceberg/tables.ts'
import { CliError } from '../error.ts'
import { coldTable } from './cold.ts'
import { hotRows } from './hot.ts'
import { openDatabase } from './query.ts'
import type { Server } from '../server.ts'
import { createRunViews, createTableView } from './views.ts'

export interface Archive {
  readonly connection: DuckDBConnection
  /** The data files of its tables, on disk. */
  readonly files: readonly string[]
}

const TABLES = [
  { name: 'workflow_executions', schema: workflowExecutions.schema },
  { name: 'workflow_history', schema: workflowHistory.schema },
]

/** With a view of each table of the cold tier as it is now; data files are kept in `directory`. */
export async function openArchive(server: Server, directory: string): Promise<Archive> {
  const connection = await openDatabase()
  const files: string[] = []
  for (const one of TABLES) {
    const table = await coldTable(server, directory, one)
    await createTableView(connection, table)
    files.push(...table.files)
  }
  return { connection, files }
}

/** The same with the runs that those tables lack, and all of them. */
export async function openRuns(server: Server, directory: string): Promise<Archive> {
  const hot = await hotRows(server) // first: what becomes cold meanwhile is then in both, and not in neither
  if (hot === null)
    throw new CliError('server_failed', `${server.url} lists no runs`, {
      fix: 'give its archiver an API_TOKEN',
    })
  const archive = await openArchive(server, directory)
  await createRunViews(archive.connection, hot)
  return archive
}
