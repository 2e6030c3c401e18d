/** What the command touches outside of itself. Tests have a world of their own. */
import { text } from 'node:stream/consumers'
import type { WriteStream } from 'node:tty'
import { WorkflowClient } from '../shared/index.ts'
import type { Server } from './server.ts'

export interface World {
  readonly cwd: string
  readonly stdout: Screen
  readonly stderr: Screen
  readonly readStdin: () => Promise<string>
  readonly connect: (server: Server, namespace: string) => WorkflowClient
  /** Aborted by Ctrl-C: what waits, waits no longer. */
  readonly interrupted: AbortSignal
}

/** Somewhere to write: a terminal, a pipe, a file. */
export interface Screen {
  write(text: string): unknown
  /** Whether colours are wanted there: not in a pipe, and not where NO_COLOR is set. */
  readonly colours: boolean
  /** The stream itself where a person sits before it; null elsewhere. */
  readonly terminal: WriteStream | null
}

export function processWorld(): World {
  let interrupted: AbortSignal | undefined
  return {
    cwd: process.cwd(),
    stdout: screenOf(process.stdout),
    stderr: screenOf(process.stderr),
    readStdin: () => text(process.stdin),
    connect,
    get interrupted() {
      return (interrupted ??= ctrlC()) // a command that does not ask for it is ended by it
    },
  }
}

/** Over HTTP. */
export function connect({ url, token }: Server, namespace: string): WorkflowClient {
  return new WorkflowClient({ url, ...(token !== null && { token }) }, { namespace })
}

function ctrlC(): AbortSignal {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort())
  return interrupt.signal
}

function screenOf(stream: WriteStream): Screen {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit() // whoever reads has enough: `perdure list --all | head`
  })
  return {
    write: (chunk) => stream.write(chunk),
    colours: stream.isTTY && stream.hasColors(), // which knows NO_COLOR, FORCE_COLOR and dumb terminals
    terminal: stream.isTTY ? stream : null,
  }
}
