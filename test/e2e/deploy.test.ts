import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { bundled, node, ROOT } from './wrangler.ts'

const KIB = 1024

describe('wrangler deploy --dry-run', () => {
  test.each([
    { config: 'wrangler.toml', below: 268 * KIB },
    { config: 'activity-worker/wrangler.toml', below: 50 * KIB },
    { config: 'activity-worker/shipping.wrangler.toml', below: 50 * KIB },
    { config: 'archiver/wrangler.toml', below: 3 * KIB * KIB }, // the platform's limit on its free plan
  ])('bundles $config without a warning, small enough', async ({ config, below }) => {
    const { status, output, modules } = await bundled(config)
    const gzip = gzipBytes([...modules.values()])
    console.log(`bundle · ${config} ${kib(sum([...modules.values()]))}, gzip ${kib(gzip)}`)
    expect(output).not.toMatch(/warning|error/i)
    expect(status).toBe(0)
    expect(modules.size).toBeGreaterThan(0)
    expect(gzip).toBeLessThan(below)
  })
})

test('a client and an activity Worker add less than 31 KiB of perdure', async () => {
  const contents = `
    import { defineActivity, signal, workflow, WorkflowClient, WorkflowWorker } from './shared/index.ts'
    const addOne = defineActivity('addOne', (n) => n + 1)
    export const go = signal('go')
    export const add = workflow('add', (ctx, input) => ctx.activity(addOne, { input }))
    export const worker = new WorkflowWorker({ taskQueue: 'default', activities: [addOne] })
    export const client = (env) => new WorkflowClient(env.WORKFLOWS)`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    define: { 'navigator.userAgent': '"Cloudflare-Workers"' }, // as wrangler has it
  })
  const gzip = gzipBytes(outputFiles.map((file) => file.contents))
  console.log(`bundle · perdure, minified ${kib(outputFiles[0]!.contents.length)}, gzip ${kib(gzip)}`)
  expect(gzip).toBeLessThan(31 * KIB)
})

/** What `npm run deploy` has Node run. */
const DEPLOY = packageJson.scripts.deploy.split(' ').slice(1)

describe('npm run deploy', () => {
  const scheduler = 'wrangler.toml'
  const others = [
    'examples/orders/inventory.wrangler.toml',
    'activity-worker/wrangler.toml',
    'activity-worker/shipping.wrangler.toml',
    'archiver/wrangler.toml',
  ]

  test('--dry-run bundles the scheduler without services, the others, and the scheduler again', async () => {
    const { status, output } = await node([...DEPLOY, '--dry-run'])
    if (status !== 0) throw new Error(output) // says more than the status
    const said = output.split('\n').filter((line) => line.startsWith('deploy · '))
    expect(said).toEqual(
      [`${scheduler} without services`, ...others, scheduler].map(
        (what) => `deploy · ${what} would be deployed`,
      ),
    )
    const [first = ''] = output.split(said[0] ?? '')
    expect(first).toContain('env.ORDERS_QUEUE (perdure-orders)')
    expect(first).not.toContain('ARCHIVE_SERVICE')
    expect(output.split(said.at(-2) ?? '')[1]).toContain('ARCHIVE_SERVICE')
  })

  test('creates what is missing, once, before the first deployment', async () => {
    const { status, output, commands } = await deployedWith('case "$1" in deployments) exit 1;; esac')
    if (status !== 0) throw new Error(output) // says more than the status
    const queues = ['orders', 'shipping', 'cdc', 'orders-dlq', 'shipping-dlq']
    expect(commands.filter((command) => command.includes('create'))).toEqual([
      ...queues.map((queue) => `queues create perdure-${queue}`),
      'r2 bucket create perdure-archive',
    ])
    const deploys = commands.filter((command) => command.startsWith('deploy '))
    const first = '.without-services.wrangler.json'
    expect(deploys).toEqual([first, ...others, scheduler].map((config) => `deploy -c ${config}`))
    expect(existsSync(join(ROOT, first))).toBe(false)
    expect(commands.indexOf('r2 bucket create perdure-archive')).toBeLessThan(commands.indexOf(deploys[0]!))
  })

  test('takes what is there already as it is, and never takes the services from a scheduler that has them', async () => {
    const taken = `echo "Queue name 'x' is already taken. [code: 11009]"; exit 1`
    const exists =
      'echo "The bucket you tried to create already exists, and you own it. [code: 10004]"; exit 1'
    const { status, output, commands } = await deployedWith(
      `case "$1" in queues) ${taken};; r2) ${exists};; esac`,
    )
    if (status !== 0) throw new Error(output) // says more than the status
    const deploys = commands.filter((command) => command.startsWith('deploy '))
    expect(deploys).toEqual([...others, scheduler].map((config) => `deploy -c ${config}`))
  })

  test('stops where a creation fails for any other reason', async () => {
    const { status, output, commands } = await deployedWith(
      'echo "Authentication error [code: 10000]"; exit 1',
    )
    expect(status).toBe(1)
    expect(output).toContain('Authentication error')
    expect(commands).toEqual(['queues create perdure-orders'])
  })
})

/** `npm run deploy` against a wrangler that notes its command line and then does `answer`. */
async function deployedWith(answer: string) {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-wrangler-'))
  const notes = join(directory, 'commands')
  try {
    writeFileSync(join(directory, 'wrangler'), `#!/bin/sh\necho "$@" >> ${notes}\n${answer}\n`)
    chmodSync(join(directory, 'wrangler'), 0o755)
    const ended = await node(DEPLOY, [directory])
    return { ...ended, commands: readFileSync(notes, 'utf8').trim().split('\n') }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function gzipBytes(files: readonly Uint8Array[]): number {
  return files.reduce((total, file) => total + gzipSync(file).length, 0)
}

function sum(files: readonly Uint8Array[]): number {
  return files.reduce((total, file) => total + file.length, 0)
}

function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`
}
