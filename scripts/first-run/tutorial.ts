/**
 * docs/tutorial.md, done as it says: its commands are typed and its files written, in the order of the page. What needs
 * an account is left out: `wrangler login`, and of the deploy what is behind `--dry-run`.
 */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { blocksOf } from './blocks.ts'
import type { Block } from './blocks.ts'
import { startDev, type Dev } from './dev.ts'
import { run } from './run.ts'

export interface Place {
  readonly page: string
  /** Where the project is made. */
  readonly home: string
  /** `npx perdure init sign-up`, by the package that is tested. */
  readonly init: (home: string, name: string) => Promise<unknown>
  readonly install: (app: string) => Promise<unknown>
}

const EXAMPLE = 'examples/tutorial/'
const APPEARS_WITHIN_MS = 20_000

export async function tutorial({ page, home, init, install }: Place): Promise<void> {
  const blocks = blocksOf(readFileSync(page, 'utf8'))
  const scripts = blocks.filter(({ language }) => language === 'sh').map(({ text }) => linesOf(text))
  const [begin = [], start = [], talk = [], ask = [], deploy = []] = scripts
  assert.deepEqual(
    begin.map(({ command }) => command),
    ['npx perdure init sign-up', 'cd sign-up', 'npm install'],
  )
  await init(home, 'sign-up')
  const app = join(home, 'sign-up')
  await install(app)
  writeFiles(app, blocks)
  await run(app, ['npm', 'test'])
  await run(app, ['npm', 'run', 'types'])

  assert.deepEqual(
    start.map(({ command }) => command),
    ['npm run dev'],
  )
  await spoken(app, talk, ask)
  assert.deepEqual(
    deploy.map(({ command }) => command),
    ['npx wrangler login', 'npm run deploy'],
  )
  await run(app, ['npm', 'run', 'deploy', '--', '--dry-run'])
}

/** In the place of the template's; one that is shown in parts is written part by part. */
function writeFiles(app: string, blocks: readonly Block[]): void {
  const written = new Set<string>()
  for (const { file, text } of blocks) {
    if (!file?.startsWith(EXAMPLE) || file === `${EXAMPLE}site.ts`) continue
    const path = join(app, file.slice(EXAMPLE.length))
    if (written.has(path)) appendFileSync(path, `\n${text}`)
    else writeFileSync(path, text)
    written.add(path)
  }
  for (const file of ['order.ts', 'test/order.test.ts']) rmSync(join(app, file))
}

/** The sign-up from its start to its end, over a restart of everything behind the first command. */
async function spoken(app: string, [start, ...rest]: readonly Line[], ask: readonly Line[]): Promise<void> {
  assert.ok(start)
  await inDev(app, async (dev) => {
    await typed(app, dev, start)
    await appears(dev, 'mail to ada@example.com: Please confirm your address')
  })
  await inDev(app, async (dev) => {
    for (const line of [...rest, ...ask]) await typed(app, dev, line)
    await appears(dev, 'mail to ada@example.com: Welcome')
  })
}

async function inDev(app: string, work: (dev: Dev) => Promise<void>): Promise<void> {
  const dev = await startDev(app)
  try {
    await work(dev)
  } catch (error) {
    throw new Error(`${String(error)}\n--- npm run dev ---\n${dev.output()}`, { cause: error })
  } finally {
    await dev.stop()
  }
}

/** One line; a comment of one word is what it must print. */
async function typed(app: string, { url }: Dev, { command, comment }: Line): Promise<void> {
  const here = command.replace('localhost:8787', new URL(url).host)
  const said = await run(app, ['bash', '-ec', here], { PERDURE_URL: url })
  if (/^\w+$/.test(comment)) assert.equal(said.trim(), JSON.stringify(comment), command)
  if (command.startsWith('curl ')) assert.partialDeepStrictEqual(JSON.parse(said), { status: 'completed' })
}

async function appears(dev: Dev, text: string): Promise<void> {
  const until = Date.now() + APPEARS_WITHIN_MS
  while (!dev.output().includes(text)) {
    if (Date.now() > until) throw new Error(`"${text}" has not been printed`)
    await sleep(50)
  }
}

interface Line {
  readonly command: string
  readonly comment: string
}

function linesOf(text: string): Line[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [command = '', comment = ''] = line.split(/\s+# /)
      return { command, comment }
    })
}
