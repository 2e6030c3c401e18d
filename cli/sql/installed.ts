import { CliError } from '../error.ts'
import { ownPackage } from '../package.ts'

/** What imports DuckDB: 60 MB that most projects never need, so it is the project's to install. */
export async function withDuckdb<T>(load: () => Promise<T>): Promise<T> {
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
