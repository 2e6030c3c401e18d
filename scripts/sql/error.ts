/** What a person at the terminal can do something about: printed without a stack, `code` first. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  readonly code: SqlErrorCode
  constructor(code: SqlErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export type SqlErrorCode =
  | 'usage'
  | 'server_unreachable'
  | 'unauthorized'
  | 'server_failed'
  | 'file_missing'
  | 'unsupported_table'
  | 'sql_failed'
