/** `perdure sql`: DuckDB over the archive of a running `perdure dev`. */
import { resolve } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { contentsOf } from '../json.ts'
import { SQL_CACHE } from '../sql/cache.ts'
import { withDuckdb } from '../sql/installed.ts'

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
  const { asJson, asTable, query } = await withDuckdb(() => import('../sql/query.ts'))
  const { openRuns } = await import('../sql/archive.ts')
  const { connection } = await openRuns(it.server, resolve(it.world.cwd, SQL_CACHE))
  const result = await query(connection, statement)
  return it.json ? asJson(result) : asTable(result)
}
