import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { perdure } from './command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'perdure-init-'))
afterAll(() => rmSync(cwd, { recursive: true }))

describe('init', () => {
  test('writes a project of that name, at the versions that we are tested with', async () => {
    const { code, out } = await perdure({ cwd }, 'init', 'shop')
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('cd shop\n  npm install\n  npm test\n  npm run dev'),
    ])
    const files = readdirSync(join(cwd, 'shop'), { recursive: true }).map(String)
    expect(files).toEqual(
      expect.arrayContaining(['.gitignore', 'workflows.ts', 'archiver/wrangler.toml', 'test/order.test.ts']),
    )
    expect(files).not.toContain('gitignore')
    const { devDependencies: ours, version } = packageJson
    const made = JSON.parse(readFileSync(join(cwd, 'shop/package.json'), 'utf8'))
    expect(made).toMatchObject({ name: 'shop', dependencies: { perdure: version } })
    expect(made.devDependencies).toEqual({
      '@cloudflare/workers-types': ours['@cloudflare/workers-types'],
      node: ours.node,
      typescript: ours['@typescript/native'].replace('npm:typescript@', ''),
      vitest: ours.vitest,
      wrangler: ours.wrangler,
    })
    for (const file of [
      'wrangler.toml',
      'activity-worker/wrangler.toml',
      'archiver/wrangler.toml',
      'README.md',
    ]) {
      const text = readFileSync(join(cwd, 'shop', file), 'utf8')
      expect(text).toContain('shop')
      expect(text).not.toContain('my-app')
    }
  })

  test('leaves alone what is there', async () => {
    mkdirSync(join(cwd, 'taken'))
    writeFileSync(join(cwd, 'taken/notes.txt'), 'mine')
    const { code, err } = await perdure({ cwd }, 'init', 'taken')
    expect([code, err]).toEqual([1, expect.stringMatching(/^directory_not_empty: /)])
    expect(readdirSync(join(cwd, 'taken'))).toEqual(['notes.txt'])
  })

  test('refuses a name that no Worker can have', async () => {
    expect(await perdure({ cwd }, 'init', 'My App')).toMatchObject({
      code: 2,
      err: expect.stringContaining('lower case'),
    })
  })
})

test('dev and deploy say where there is no project', async () => {
  for (const command of ['dev', 'deploy'])
    expect(await perdure({ cwd }, command)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^not_a_project: [^]*perdure init/),
    })
})

test('dev says that its port is taken, before it does anything', async () => {
  const directory = join(cwd, 'listening')
  await perdure({ cwd }, 'init', 'listening')
  const before = readdirSync(directory, { recursive: true })
  const other = createServer()
  await once(other.listen(0, 'localhost'), 'listening')
  const { port } = other.address() as AddressInfo // of a server that listens
  expect(await perdure({ cwd: directory }, 'dev', '--port', String(port))).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^port_taken: [^]*in --port/),
  })
  expect(readdirSync(directory, { recursive: true })).toEqual(before)
  await once(other.close(), 'close')
})
