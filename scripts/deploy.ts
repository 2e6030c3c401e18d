/**
 * `npm run deploy`: creates the queues and the bucket that are missing, then deploys the Workers of the repository.
 *
 *   npm run deploy -- --dry-run     bundles everything the same way, creates and uploads nothing
 *
 * Bindings in both directions are a cycle at the very first deploy: the scheduler names the archiver's ArchiveService,
 * the others name the scheduler's WorkflowService, and a binding to a Worker that does not exist is refused. So a
 * scheduler that has no archiver yet goes first without its service bindings, and once more, with them, at the end.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { unstable_readConfig } from 'wrangler'

const ROOT = resolve(import.meta.dirname, '..')
const SCHEDULER = 'wrangler.toml'
const ARCHIVER = 'archiver/wrangler.toml'
/** In the order of their bindings: each names only those before it, and the scheduler. */
const OTHERS = [
  'examples/orders/inventory.wrangler.toml',
  'activity-worker/wrangler.toml',
  'activity-worker/shipping.wrangler.toml',
  ARCHIVER,
]

const { values: options } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } })
const dryRun = options['dry-run']

if (!dryRun) createMissing()
if (dryRun || !isDeployed(ARCHIVER)) deployWithoutServices(SCHEDULER)
for (const config of OTHERS) deploy(config)
deploy(SCHEDULER)

/** What is read of a wrangler.toml. */
interface Config {
  main?: string
  queues: { producers?: { queue: string }[]; consumers?: { queue: string; dead_letter_queue?: string }[] }
  r2_buckets: { bucket_name?: string }[]
}

function createMissing(): void {
  const configs = [SCHEDULER, ...OTHERS].map(read)
  const queues = configs.flatMap(({ queues: { producers = [], consumers = [] } }) => [
    ...producers.map(({ queue }) => queue),
    ...consumers.flatMap(({ queue, dead_letter_queue: dead }) =>
      dead === undefined ? [queue] : [queue, dead],
    ),
  ])
  const buckets = configs.flatMap((config) =>
    config.r2_buckets.flatMap(({ bucket_name: name }) => name ?? []),
  )
  for (const queue of new Set(queues)) create('queue', ['queues', 'create', queue])
  for (const bucket of new Set(buckets)) create('bucket', ['r2', 'bucket', 'create', bucket])
}

function read(config: string): Config {
  return unstable_readConfig({ config: join(ROOT, config) })
}

function create(kind: string, command: string[]): void {
  const { status, output } = wrangler(command)
  const exists = status !== 0 && /already (exists|taken)/.test(output)
  if (status !== 0 && !exists) fail(command, output)
  say(`${kind} ${command.at(-1)} ${exists ? 'is there' : 'created'}`)
}

function isDeployed(config: string): boolean {
  return wrangler(['deployments', 'list', '-c', config]).status === 0
}

/** From a copy of its wrangler.toml, elsewhere, so the entry is named in full. */
function deployWithoutServices(config: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-deploy-'))
  const copy = join(directory, 'wrangler.toml')
  const { main = '' } = read(config)
  try {
    writeFileSync(copy, withoutServices(readFileSync(join(ROOT, config), 'utf8')))
    upload(`${config} without services`, [main, '-c', copy])
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The text without its `[[services]]` tables. */
function withoutServices(toml: string): string {
  const tables = toml.split(/^(?=\[)/m)
  return tables.filter((table) => !table.startsWith('[[services]]')).join('')
}

function deploy(config: string): void {
  upload(config, ['-c', config])
}

function upload(what: string, how: string[]): void {
  const command = ['deploy', ...how, ...(dryRun ? ['--dry-run'] : [])]
  const { status, output } = wrangler(command)
  if (status !== 0) fail(command, output)
  process.stdout.write(output)
  say(`${what} ${dryRun ? 'would be deployed' : 'deployed'}`)
}

/** The one on npm's PATH. stdin is closed, so nothing is asked: with several accounts, CLOUDFLARE_ACCOUNT_ID says which. */
function wrangler(command: string[]): { status: number | null; output: string } {
  const run = spawnSync('wrangler', command, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (run.error) throw run.error
  return { status: run.status, output: run.stdout + run.stderr }
}

function fail(command: string[], output: string): never {
  process.stderr.write(output)
  throw new Error(
    `wrangler ${command.join(' ')} failed; what was done so far stays and is done again harmlessly`,
  )
}

function say(line: string): void {
  console.log(`deploy · ${line}`)
}
