/** What `perdure dev` tells the Workers of a project, where nobody has told them yet. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeMissingVars } from '../../cli/project/vars.ts'

const configs = ['wrangler.toml', 'worker/wrangler.toml', 'archiver/wrangler.toml'] as const
const CRON = '[triggers]\ncrons = ["*/5 * * * *"]\n'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'perdure-vars-'))
  for (const folder of ['worker', 'archiver']) mkdirSync(join(cwd, folder))
  for (const config of configs) configure(config)
  configure('archiver/wrangler.toml', CRON)
})
afterEach(() => rmSync(cwd, { recursive: true }))

function configure(config: string, more = ''): void {
  writeFileSync(join(cwd, config), `name = "a"\ncompatibility_date = "2026-10-01"\n${more}`)
}

const write = (more: readonly string[] = []) => writeMissingVars({ cwd, configs, token: 'dev', more })
const told = () =>
  ['', 'worker', 'archiver'].map((folder) => {
    const file = join(cwd, folder, '.dev.vars')
    return existsSync(file) ? readFileSync(file, 'utf8') : null
  })

test('the scheduler and the archiver are told the token', async () => {
  await write()
  expect(told()).toEqual(['API_TOKEN=dev\nREDISPATCH_ON_WAKE=true\n', null, 'API_TOKEN=dev\n'])
})

test('a file that is there stays as it is', async () => {
  writeFileSync(join(cwd, '.dev.vars'), 'API_TOKEN=mine\n')
  await write()
  expect(told()).toEqual(['API_TOKEN=mine\n', null, 'API_TOKEN=dev\n'])
})

test('a token that is told in another way is not told again', async () => {
  configure('archiver/wrangler.toml', `${CRON}[vars]\nAPI_TOKEN = "mine"\n`)
  await write(['--var', 'API_TOKEN:mine'])
  expect(told()).toEqual([null, null, null])
})
