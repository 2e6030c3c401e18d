/** The command, run in this process against a world of the test's. */
import type { WorkflowClient } from '../../shared/index.ts'
import { run } from '../../cli/run.ts'
import { connect } from '../../cli/world.ts'
import type { Screen, World } from '../../cli/world.ts'
// Loaded ahead, so that no hook's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Given {
  /** Absent: one over HTTP, as the command has it. */
  readonly client?: WorkflowClient
  readonly cwd?: string
  readonly stdin?: string
  readonly colours?: boolean
}

export async function perdure(given: Given, ...argv: string[]): Promise<Ended> {
  const [out, err] = [screen(given), screen(given)]
  const world: World = {
    cwd: given.cwd ?? process.cwd(),
    stdout: out,
    stderr: err,
    readStdin: () => Promise.resolve(given.stdin ?? ''),
    connect: (server, namespace) => given.client ?? connect(server, namespace),
    interrupted: new AbortController().signal,
  }
  const code = await run(argv, world)
  return { code, out: out.text(), err: err.text() }
}

/** What it says with `--json`, a value for each line. */
export async function told(given: Given, ...argv: string[]): Promise<unknown[]> {
  const { code, out, err } = await perdure(given, ...argv, '--json')
  if (code !== 0) throw new Error(err)
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function screen({ colours = false }: Given): Screen & { text(): string } {
  const written: string[] = []
  return { write: (text) => written.push(text), colours, terminal: null, text: () => written.join('') }
}
