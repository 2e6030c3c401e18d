/**
 * Creates the queues and the buckets that are missing, then deploys the Workers of a project.
 *
 * Bindings in both directions are a cycle at the very first deploy: the scheduler names the archiver's ArchiveService,
 * the others name the scheduler's WorkflowService, and a binding to a Worker that does not exist is refused. So a
 * scheduler that names a Worker which is not there yet goes first without its service bindings, and once more, with
 * them, at the end.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Unstable_Config as Config } from 'wrangler'
import { CliError } from '../error.ts'
import { wranglerApi } from './configs.ts'
import { wrangler } from './wrangler.ts'

export interface Deployment {
  readonly cwd: string
  /** The scheduler's first; of the others each names only those before it, and the scheduler. */
  readonly configs: readonly [string, ...string[]]
  /** Bundles everything the same way, creates and uploads nothing. */
  readonly dryRun: boolean
  readonly say: (line: string) => void
  /** What wrangler printed. */
  readonly print: (output: string) => void
}

export async function deploy(deployment: Deployment): Promise<void> {
  const { configs, dryRun } = deployment
  const [scheduler, ...others] = configs
  const { unstable_readConfig: read, experimental_readRawConfig: readRaw } = await wranglerApi()
  const at = (config: string) => ({ config: resolve(deployment.cwd, config) })
  const all = configs.map((config) => read(at(config)))
  if (!dryRun) createMissing(deployment, all)
  if (dryRun || !isBound(deployment, all)) {
    const { services: _, ...rest } = readRaw(at(scheduler)).rawConfig
    deployWithoutServices(deployment, scheduler, rest)
  }
  for (const config of [...others, scheduler]) upload(deployment, config, config)
}

function createMissing(deployment: Deployment, configs: readonly Config[]): void {
  const queues = configs.flatMap(({ queues: { producers = [], consumers = [] } }) => [
    ...producers.flatMap(({ queue }) => queue ?? []),
    ...consumers.flatMap(({ queue, dead_letter_queue: dead }) =>
      dead === undefined ? [queue] : [queue, dead],
    ),
  ])
  const buckets = configs.flatMap((config) =>
    config.r2_buckets.flatMap(({ bucket_name: name }) => name ?? []),
  )
  for (const queue of new Set(queues)) create(deployment, 'queue', ['queues', 'create', queue])
  for (const bucket of new Set(buckets)) create(deployment, 'bucket', ['r2', 'bucket', 'create', bucket])
}

function create({ cwd, say, print }: Deployment, kind: string, command: string[]): void {
  const { status, output } = wrangler(cwd, command)
  const exists = status !== 0 && /already (exists|taken)/.test(output)
  if (status !== 0 && !exists) throw failed(command, output, print)
  say(`${kind} ${command.at(-1)} ${exists ? 'is there' : 'created'}`)
}

/** Whether every Worker of the project that the scheduler names is deployed. */
function isBound({ cwd, configs }: Deployment, [scheduler, ...others]: readonly Config[]): boolean {
  const named = new Set<string | undefined>(scheduler?.services?.map(({ service }) => service))
  return configs
    .slice(1)
    .filter((_, index) => named.has(others[index]?.name))
    .every((config) => wrangler(cwd, ['deployments', 'list', '-c', config]).status === 0)
}

/** From a copy beside its configuration, so that what is relative in it still leads there. */
function deployWithoutServices(deployment: Deployment, config: string, rest: object): void {
  const copy = join(dirname(config), `.without-services.${basename(config).replace(/\.\w+$/, '')}.json`)
  const path = resolve(deployment.cwd, copy)
  try {
    writeFileSync(path, JSON.stringify(rest))
    upload(deployment, copy, `${config} without services`)
  } finally {
    rmSync(path)
  }
}

function upload({ cwd, dryRun, say, print }: Deployment, config: string, what: string): void {
  const command = ['deploy', '-c', config, ...(dryRun ? ['--dry-run'] : [])]
  const { status, output } = wrangler(cwd, command)
  if (status !== 0) throw failed(command, output, print)
  print(output)
  say(`${what} ${dryRun ? 'would be deployed' : 'deployed'}`)
}

function failed(command: readonly string[], output: string, print: (output: string) => void): CliError {
  print(output)
  return new CliError('wrangler_failed', `wrangler ${command.join(' ')} failed`, {
    fix: 'mend what it says and deploy again: what was done so far stays, and is done again harmlessly',
  })
}
