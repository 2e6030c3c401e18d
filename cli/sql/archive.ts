/** A database over the archive of a running deployment. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { workflowExecutions, workflowHistory } from '../../archiver/iceberg/tables.ts'
import { coldTable } from './cold.ts'
import { openDatabase } from './query.ts'
import type { Server } from '../server.ts'
import { createTableView } from './views.ts'

const TABLES = [
  { name: 'workflow_executions', schema: workflowExecutions.schema },
  { name: 'workflow_history', schema: workflowHistory.schema },
]

/** With a view of each table of the cold tier as it is now; data files are kept in `directory`. */
export async function openArchive(server: Server, directory: string): Promise<DuckDBConnection> {
  const connection = await openDatabase()
  for (const table of TABLES) await createTableView(connection, await coldTable(server, directory, table))
  return connection
}
