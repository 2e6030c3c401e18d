/** `perdure sql`: DuckDB over the archive of a running `perdure dev`. */
import { resolve } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { contentsOf } from '../json.ts'
import { ownPackage } from '../package.ts'

/** Data files, which never change: what was downloaded once is not again. */
const CACHE = '.wrangler/sql-cache'

export function addSql(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('sql')
    .description(
      'a statement over all_executions, workflow_executions, workflow_history and hot_executions, by DuckDB',
    )
    .argument('[statement...]')
    .option('--file <file>', 'holds the statement')
    .action(async (words, { file }) => {
      const statement = file === undefined ? words.join(' ') : contentsOf(it.world, file, '--file')
      if (statement.trim() === '')
        throw new CliError('usage', 'there is no statement', {
          fix: 'perdure sql "SELECT ...", or --file FILE',
        })
      it.world.stdout.write(`${await answerOf(it, statement)}\n`)
    })
}

async function answerOf(it: Invocation, statement: string): Promise<string> {
  const { asJson, asTable, query } = await duckdb(() => import('../sql/query.ts'))
  const { openArchive } = await import('../sql/archive.ts')
  const { hotRows } = await import('../sql/hot.ts')
  const { createRunViews } = await import('../sql/views.ts')
  const { server, world } = it
  const hot = await hotRows(server) // first: what becomes cold meanwhile is then in both, and not in neither
  if (hot === null)
    throw new CliError('server_failed', `${server.url} lists no runs`, {
      fix: 'give its archiver an API_TOKEN',
    })
  const connection = await openArchive(server, resolve(world.cwd, CACHE))
  await createRunViews(connection, hot)
  const result = await query(connection, statement)
  return it.json ? asJson(result) : asTable(result)
}

/** DuckDB is 60 MB that most projects never need, so it is the project's to install. */
async function duckdb<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const version = ownPackage().devDependencies['@duckdb/node-api']
    throw new CliError('not_installed', 'DuckDB is not installed', {
      fix: `npm install --save-dev @duckdb/node-api@${version}`,
      cause,
    })
  }
}
