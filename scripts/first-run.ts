/**
 * `npm run first-run`: what somebody does who has just heard of perdure, with the tarball that would be published. A new
 * project, its tests, its type check, its Workers on this machine; then a run is started, signalled and read, by the
 * command and over HTTP; then the tutorial, from its page. No account. The last line on stdout is one JSON object; exit 1
 * when a step fails.
 *
 *   npm run first-run -- [--linked]     takes the packages that are installed here: the registry is not asked
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startDev } from './first-run/dev.ts'
import { linkPackages } from './first-run/link.ts'
import { byCommand, byHttp, bySql } from './first-run/orders.ts'
import { run } from './first-run/run.ts'
import { tutorial } from './first-run/tutorial.ts'

const root = resolve(import.meta.dirname, '..')
const { values: options } = parseArgs({ options: { linked: { type: 'boolean', default: false } } })

const home = mkdtempSync(join(tmpdir(), 'perdure-first-run-'))
const steps: Record<string, number> = {}
try {
  await firstRun(join(home, 'app'))
  const wallMs = Object.values(steps).reduce((sum, ms) => sum + ms, 0)
  console.log(JSON.stringify({ steps, runs: 3, wallMs }))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
}

async function firstRun(app: string): Promise<void> {
  const tarball = await step('pack', pack)
  if (options.linked) linkPackages(root, home, tarball)
  const from = options.linked ? [] : ['--yes', `--package=${tarball}`]
  const init = (where: string, name: string) => run(where, ['npx', ...from, 'perdure', 'init', name])
  await step('init', () => init(home, 'app'))
  await step('install', () => install(app))
  await step('test', () => run(app, ['npm', 'test']))
  await step('types', () => run(app, ['npm', 'run', 'types']))
  const dev = await step('dev', () => startDev(app))
  try {
    await step('command', () => byCommand(app, dev))
    await step('http', () => byHttp(dev))
    await step('sql', () => bySql(dev, options.linked))
  } catch (error) {
    throw new Error(`${String(error)}\n--- npm run dev ---\n${dev.output()}`, { cause: error })
  } finally {
    await step('stop', () => dev.stop())
  }
  await step('tutorial', () => tutorial({ page: join(root, 'docs/tutorial.md'), home, init, install }))
}

async function install(app: string): Promise<void> {
  if (options.linked) symlinkSync('../node_modules', join(app, 'node_modules'))
  else await run(app, ['npm', 'install', '--no-audit', '--no-fund'])
}

async function pack(): Promise<string> {
  await run(root, ['npm', 'run', 'build'])
  // Without what `npm ci` does here: it would make anew what tests read that run beside this.
  const flags = ['--json', '--ignore-scripts', '--pack-destination', home]
  const packed = await run(root, ['npm', 'pack', ...flags])
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }] // npm's own
  return join(home, filename)
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now()
  const result = await work()
  steps[name] = Math.round(performance.now() - from)
  console.log(`${name.padEnd(8)} ${(steps[name] / 1_000).toFixed(1).padStart(6)} s`)
  return result
}
