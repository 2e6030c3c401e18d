/** What a person at the terminal can do something about: printed as its code, message and remedy, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  /** The option, file or field that is wrong. */
  readonly path: string | undefined
  /** What to do. */
  readonly fix: string | undefined

  constructor(
    code: CliErrorCode,
    message: string,
    { path, fix, cause }: { path?: string; fix?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.path = path
    this.fix = fix
  }
}

/** docs/guide/cli.md has each. `usage` ends a command with 2, every other with 1. */
export type CliErrorCode =
  | 'usage'
  | 'server_unreachable'
  | 'unauthorized'
  | 'server_failed'
  | 'file_missing'
  | 'unsupported_table'
  | 'sql_failed'
  | 'not_installed'
  | 'not_a_project'
  | 'directory_not_empty'
  | 'port_taken'
  | 'wrangler_failed'
  | 'workflows_unreadable'
