/** Runs one command line. Exit codes: 0 done, 1 what was asked for failed, 2 asked for in a wrong way, 130 Ctrl-C. */
import { CommanderError } from '@commander-js/extra-typings'
import { WorkflowError } from '../shared/index.ts'
import type { ErrorCode } from '../shared/index.ts'
import { CliError } from './error.ts'
import { jsonOf } from './json.ts'
import { programOf } from './program.ts'
import { OTHER_TOKEN, unreachable } from './server.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'

export async function run(argv: readonly string[], world: World): Promise<number> {
  const { root, invocation } = programOf(world)
  try {
    await root.parseAsync(argv, { from: 'user' })
    return invocation.failed ? 1 : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // it has been said
    if (error instanceof DOMException && error.name === 'AbortError') return 130
    const told = problemOf(error, invocation.server)
    invocation.complain(jsonOf(told), textOf(told))
    return told.code === 'usage' ? 2 : 1
  }
}

interface Problem {
  readonly code: string
  readonly message: string
  readonly path?: string | undefined
  readonly fix?: string | undefined
  readonly cause?: Pick<Problem, 'code' | 'message' | 'cause'> | undefined
}

function problemOf(error: unknown, { url }: Server): Problem {
  if (error instanceof CliError) {
    const { code, message, path, fix } = error
    return { code, message, path, fix }
  }
  if (error instanceof WorkflowError) {
    if (isUnheard(error)) return problemOf(unreachable(url, error), { url, token: null })
    return { ...chainOf(error), path: error.path, fix: FIXES[error.code] }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'internal', message, fix: 'this is a defect of the command: please report it' }
}

/** As `fetch` rejects where there is nobody, after all attempts of the client. */
function isUnheard({ code, cause }: WorkflowError): boolean {
  return code === 'overloaded' && cause instanceof TypeError
}

/** What a message of the engine does not know: how it is asked from here. */
const FIXES: Partial<Record<ErrorCode, string>> = { unauthorized: OTHER_TOKEN, forbidden: OTHER_TOKEN }

/** What a run failed of is a chain of errors of its own. */
function chainOf({ code, message, cause }: WorkflowError): Pick<Problem, 'code' | 'message' | 'cause'> {
  return { code, message, ...(cause instanceof WorkflowError && { cause: chainOf(cause) }) }
}

function textOf({ code, message, path, fix, cause }: Problem): string {
  const lines = [`${code}: ${message}`]
  if (path !== undefined) lines.push(`  in ${path}`)
  for (let one = cause; one; one = one.cause) lines.push(`  caused by ${one.code}: ${one.message}`)
  if (fix !== undefined) lines.push(`  ${fix}`)
  return lines.join('\n')
}
