/** `perdure bench`: how fast a deployment runs a workflow of the project, as its callers see it. */
import { performance } from 'node:perf_hooks'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { WorkflowError } from '../../shared/index.ts'
import type { StartOptions } from '../../shared/index.ts'
import type { Invocation } from '../invocation.ts'
import { startOf, starting, wholeNumber } from '../options.ts'

export function addBench(root: CommandUnknownOpts, it: Invocation): void {
  const command = root
    .command('bench')
    .description('run a workflow many times, and say how many a second and how long each took')
    .argument('<type>', 'one that needs no signal to end')
  starting(command)
    .option('--runs <number>', 'how many', wholeNumber, 200)
    .option('--concurrency <number>', 'at once', wholeNumber, 20)
    .action(async (type, { runs, concurrency, ...options }) => {
      const { workflowId = `bench-${Date.now()}`, ...start } = await startOf(it, options)
      const bar = it.progress(type, runs)
      const latencies: number[] = []
      const failures = new Map<string, number>()
      const wallMs = await all(it, { runs, concurrency }, async (number) => {
        const ended = await timed(it, type, { ...start, workflowId: `${workflowId}-${number}` })
        if (typeof ended === 'number') latencies.push(ended)
        else failures.set(ended, (failures.get(ended) ?? 0) + 1)
        bar.at(latencies.length)
      })
      bar.stop()
      report(it, { type, concurrency, wallMs, latencies, failures })
    })
}

/** Milliseconds for all of them. Ctrl-C ends it: what is under way is not waited for. */
async function all(
  { world }: Invocation,
  { runs, concurrency }: { runs: number; concurrency: number },
  work: (number: number) => Promise<void>,
): Promise<number> {
  const from = performance.now()
  let next = 1
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next <= runs && !world.interrupted.aborted) await work(next++)
    }),
  )
  return performance.now() - from
}

/** Milliseconds from start to result, or why there was none. */
async function timed(
  { client, world }: Invocation,
  type: string,
  start: StartOptions & { input?: unknown },
): Promise<number | string> {
  const from = performance.now()
  try {
    const handle = await client.start(type, start)
    await handle.result({ signal: world.interrupted })
    return performance.now() - from
  } catch (error) {
    if (world.interrupted.aborted) return 'interrupted'
    if (error instanceof WorkflowError) return error.code
    throw error
  }
}

function report(
  it: Invocation,
  measured: {
    type: string
    concurrency: number
    wallMs: number
    latencies: number[]
    failures: ReadonlyMap<string, number>
  },
): void {
  const { type, concurrency, wallMs, failures } = measured
  const latencies = measured.latencies.toSorted((one, other) => one - other)
  const runs = latencies.length
  const perSecond = rounded((runs * 1_000) / wallMs)
  const [p50Ms, p99Ms] = [0.5, 0.99].map((part) => rounded(latencies[Math.floor((runs - 1) * part)] ?? 0))
  const failed = Object.fromEntries(failures)
  it.failed = failures.size > 0
  it.tell(
    { type, runs, concurrency, wallMs: rounded(wallMs), perSecond, p50Ms, p99Ms, failed },
    `${runs} runs of ${type}, ${concurrency} at once: ${perSecond}/s, start to result ${p50Ms} ms (p50), ${p99Ms} ms (p99)`,
  )
  for (const [code, count] of failures) it.note(`${count} failed: ${code}`)
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
